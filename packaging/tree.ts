import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of a package: text or bytes, or where a link leads. */
export type Entry =
  | { readonly content: string | Uint8Array; readonly mode?: number }
  | { readonly link: string }
  | 'folder';

/** What a package holds, by path below its root. */
export type Tree = Readonly<Record<string, Entry>>;

/** Writes it below `root`, with nothing of this user's umask in it, and `seconds` as the age of everything. */
export function writeTree(root: string, tree: Tree, seconds: number): void {
  mkdirSync(root, { recursive: true });
  for (const [file, entry] of Object.entries(tree)) {
    const target = path.join(root, file);
    mkdirSync(entry === 'folder' ? target : path.dirname(target), { recursive: true });
    if (entry === 'folder') continue;
    if ('link' in entry) {
      symlinkSync(entry.link, target);
      continue;
    }
    writeFileSync(target, entry.content);
    chmodSync(target, entry.mode ?? 0o644);
  }
  for (const found of [root, ...below(root)]) {
    if (found.endsWith('/') || found === root) chmodSync(found, 0o755);
    if (!isLink(tree, path.relative(root, found))) utimesSync(found, seconds, seconds);
  }
}

function isLink(tree: Tree, file: string): boolean {
  const entry = tree[file];
  return entry !== undefined && entry !== 'folder' && 'link' in entry;
}

/** Everything below; folders end with a slash. */
function below(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true }).map(
    (entry) => path.join(entry.parentPath, entry.name) + (entry.isDirectory() ? '/' : ''),
  );
}

/** The files in a folder of the checkout, put elsewhere. */
export function filesIn(folder: string, to: string): Tree {
  return Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [path.join(to, name), { content: readFileSync(path.join(folder, name)) }]),
  );
}

/** As `gzip -9n`: without name and time. */
export function gzipped(content: string | Uint8Array): Uint8Array {
  return gzipSync(content, { level: 9 });
}
