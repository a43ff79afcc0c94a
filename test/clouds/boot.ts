/** How machines of the tests are first entered. */
import type { FirstBoot } from '../../src/cloud/cloud.ts';

/** The same for every order (I2). */
export function bootOf(): FirstBoot {
  return {
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVnZ3MgYXJlIGdvb2QgZm9yIGJyZWFrZmFzdCwgc28u wombat',
    hostKey: 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU',
    userData: '#!/bin/sh\n# user-data of the conformance suite: "quoted", <tagged> & 100% plain\ntrue\n',
  };
}
