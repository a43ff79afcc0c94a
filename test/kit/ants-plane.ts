/** A control plane of a flow that has the ants release: started before its tests, stopped and removed after them. */
import { afterAll, beforeAll } from 'vitest';
import { ControlPlane } from './control-plane.ts';
import { uploadAnts } from './deployment.ts';

/** To be called once in a file of tests, outside of them; the digest is known within them. */
export function planeWithAnts(): { readonly plane: ControlPlane; readonly digest: () => string } {
  const plane = new ControlPlane();
  let digest = '';
  beforeAll(async () => {
    await plane.start();
    digest = await uploadAnts(plane.client);
  });
  afterAll(async () => {
    await plane.stop();
    plane.remove();
  });
  return { plane, digest: () => digest };
}
