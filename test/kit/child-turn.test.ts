import { expect, test } from 'vitest';
import { childTurn } from '../../src/kit/child-turn.ts';

test('of those that want to start a program at once, each gets a turn of the event loop', async () => {
  const order: string[] = [];
  const others = (): void => {
    order.push('others');
    if (order.length < 10) setImmediate(others);
  };
  const start = async (name: string): Promise<void> => {
    await childTurn();
    order.push(name);
  };
  const started = [start('a'), start('b'), start('c')];
  setImmediate(others);
  await Promise.all(started);
  expect(order.slice(0, 6).filter((name) => name !== 'others')).toEqual(['a', 'b', 'c']);
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'c'],
  ] as const)
    expect(order.slice(order.indexOf(first), order.indexOf(second))).toContain('others');
});
