import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeLab } from './describe-lab.ts';

describeLab('a program in a lab', (given) => {
  it('tells exit code, output and errors', async () => {
    const { lab } = given;
    expect(await lab.exec(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await lab.exec(['sh', '-c', 'kill -9 $$'])).code).toBe(137);
    expect((await lab.exec(['nonsuch'])).code).toBe(127);
  });

  it('reads its input, and gets only the environment it is given', async () => {
    const { lab } = given;
    expect((await lab.exec(['cat'], { input: 'x'.repeat(1e6) })).stdout).toHaveLength(1e6);
    expect((await lab.exec(['true'], { input: 'x'.repeat(1e6) })).code).toBe(0);
    const { stdout } = await lab.exec(['env'], { env: { FLAPD_TEST: '1' } });
    expect(stdout.replace(/=.*/g, '').split('\n').toSorted()).toEqual([
      '',
      'FLAPD_TEST',
      'HOME',
      'LANG',
      'PATH',
      'PWD',
    ]);
  });

  it('is killed when its time is over, whoever else may hold its output open', async () => {
    const { lab } = given;
    const stuck = lab.exec(['sh', '-c', 'sleep 1001 & sleep 1002'], { timeoutMs: 200 });
    await expect(stuck).rejects.toThrow(
      '"sh -c sleep 1001 & sleep 1002" did not end within 200 ms in the lab',
    );
    expect((await lab.exec(['pgrep', '-f', '^sh -c sleep'])).stdout).toBe('');
  });

  it('gets the signals that its child process is sent', async () => {
    const child = given.lab.spawn(['sh', '-c', 'trap "exit 4" USR1; echo up; while :; do sleep 0.05; done']);
    await once(child.stdout ?? child, 'data');
    expect(child.kill('SIGUSR1')).toBe(true);
    expect(await once(child, 'exit')).toEqual([4, null]);
    expect(child.kill()).toBe(false);
  });

  it('can be stopped, continued and then killed', async () => {
    const child = given.lab.spawn(['sh', '-c', 'echo up; exec sleep 1004']);
    await once(child.stdout ?? child, 'data');
    child.kill('SIGSTOP');
    await expect.poll(() => readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toContain(') T ');
    child.kill('SIGCONT');
    await expect.poll(() => readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toContain(') S ');
    child.kill('SIGSTOP');
    child.kill('SIGKILL');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('does not outlive its child process', async () => {
    const { lab } = given;
    const child = lab.spawn(['sh', '-c', 'echo up; exec sleep 1003']);
    await once(child.stdout ?? child, 'data');
    process.kill(child.pid ?? 0, 'SIGKILL');
    await expect.poll(async () => (await lab.exec(['pgrep', '-f', 'sleep 1003'])).stdout).toBe('');
  });
});
