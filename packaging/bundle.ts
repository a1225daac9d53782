import { textOf } from './checkout.ts';

/** A program of `dist/`, without the word on where its source map would be: that one is for who builds it. */
export function bundle(file: string): string {
  return textOf('dist', file).replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
}
