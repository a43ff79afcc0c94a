/** Colour with a meaning: what is good, bad or beside the point; nothing else decides about escape codes. */
import { styleText } from 'node:util';

/** Words dressed for a terminal, or left as they are where no colour is wanted. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  /** beside the point: units, hints, what is only repeated */
  dim(text: string): string;
  strong(text: string): string;
  accent(text: string): string;
}

type Format = Parameters<typeof styleText>[0];

const styled = (format: Format) => (text: string) => styleText(format, text, { validateStream: false });
const bare = (text: string) => text;

const coloured: Paint = {
  good: styled('green'),
  bad: styled(['bold', 'red']),
  warn: styled('yellow'),
  dim: styled('dim'),
  strong: styled('bold'),
  accent: styled('cyan'),
};
const plain: Paint = { good: bare, bad: bare, warn: bare, dim: bare, strong: bare, accent: bare };

/** The paint for a stream on which colour is wanted or not. */
export function paintFor(colour: boolean): Paint {
  return colour ? coloured : plain;
}
