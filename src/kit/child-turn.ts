let last: Promise<void> = Promise.resolve();

/**
 * When the next program may be started. Node waits for each until it runs (libuv `uv_spawn`): 2 ms, and 40 where the
 * machine is busy. One in each turn of the event loop lets what came in meanwhile go first; five at once would hold it up
 * five times as long.
 */
export function childTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => void setImmediate(resolve)));
  return last;
}
