import { writeFileSync } from 'node:fs';

/**
 * What ps(1), top(1), systemctl(1) and the kernel's OOM killer call this process: by itself Node names it after its thread,
 * "node" or "MainThread". Its arguments stay as they are, which `process.title` would write over. See proc(5), comm.
 */
export function nameProcess(name: string): void {
  try {
    writeFileSync('/proc/self/comm', name);
  } catch {
    // It is called something else, and does the same.
  }
}
