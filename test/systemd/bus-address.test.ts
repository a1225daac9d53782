import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, busAddress, socketPathOf } from '../../src/systemd/bus-address.ts';

const nothingExists = () => false;
const onlyOldExists = (path: string) => path.startsWith('/var/run/');

function refusal(address: string): string {
  const result = busAddress({ kind: 'address', address }, {}, 1000, nothingExists);
  return result.ok ? `accepted as ${result.address}` : result.message;
}

describe('the system bus', () => {
  test('is where DBUS_SYSTEM_BUS_ADDRESS says', () => {
    const env = { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/tmp/bus,guid=0123' };
    expect(busAddress({ kind: 'system' }, env, 0)).toEqual({ ok: true, address: 'unix:path=/tmp/bus' });
  });

  test('is under /run without the variable, and with an empty one', () => {
    const address = 'unix:path=/run/dbus/system_bus_socket';
    expect(busAddress({ kind: 'system' }, {}, 0, () => true)).toEqual({ ok: true, address });
    expect(busAddress({ kind: 'system' }, { DBUS_SYSTEM_BUS_ADDRESS: '' }, 0, nothingExists)).toEqual({
      ok: true,
      address,
    });
  });

  test('is under /var/run where only that one is there', () => {
    const address = 'unix:path=/var/run/dbus/system_bus_socket';
    expect(busAddress({ kind: 'system' }, {}, 0, onlyOldExists)).toEqual({ ok: true, address });
  });

  test('is refused with the variable to unset where the variable is of no use', () => {
    const env = { DBUS_SYSTEM_BUS_ADDRESS: 'tcp:host=localhost,port=1' };
    expect(busAddress({ kind: 'system' }, env, 0)).toEqual({
      ok: false,
      message:
        'Cannot use bus address "tcp:host=localhost,port=1": transport "tcp" is not supported; expected unix:path=…',
      hint: 'unset DBUS_SYSTEM_BUS_ADDRESS',
    });
  });
});

describe('the session bus', () => {
  test('is where DBUS_SESSION_BUS_ADDRESS says, even if there is a runtime directory', () => {
    const env = {
      DBUS_SESSION_BUS_ADDRESS: 'unix:abstract=/tmp/dbus-x,guid=1',
      XDG_RUNTIME_DIR: '/run/user/7',
    };
    expect(busAddress({ kind: 'session' }, env, 7)).toEqual({
      ok: true,
      address: 'unix:abstract=/tmp/dbus-x',
    });
  });

  test('is in the runtime directory otherwise, whatever characters that has', () => {
    const env = { XDG_RUNTIME_DIR: '/tmp/a b:ü' };
    expect(busAddress({ kind: 'session' }, env, 7)).toEqual({
      ok: true,
      address: 'unix:path=/tmp/a%20b%3a%c3%bc/bus',
    });
  });

  test('is in the directory of the user id where nothing is said', () => {
    expect(busAddress({ kind: 'session' }, {}, 1000)).toEqual({
      ok: true,
      address: 'unix:path=/run/user/1000/bus',
    });
  });
});

describe('an address', () => {
  test.each([
    ['unix:path=/run/bus', '/run/bus'],
    ['unix:path=/run/bus,guid=00ff', '/run/bus'],
    ['unix:guid=00ff,path=/run/bus', '/run/bus'],
    ['unix:path=/run/a%20b%2Cc', '/run/a b,c'],
    ['unix:path=/run/%c3%9c', '/run/Ü'],
    ['unix:abstract=/tmp/x', '\0/tmp/x'],
    ['tcp:host=a,port=1;unix:path=/first;unix:path=/second', '/first'],
    ['unixexec:path=/bin/sh;unix:abstract=a', '\0a'],
  ])('%s is a socket', (address, socketPath) => {
    expect(socketPathOf(address)).toEqual({ ok: true, socketPath });
  });

  test.each([
    ['', 'it is empty'],
    ['/run/bus', 'it has no transport'],
    ['tcp:host=a,port=1', 'transport "tcp" is not supported'],
    ['UNIX:path=/a', 'transport "UNIX" is not supported'],
    ['unixexec:path=/bin/sh', 'transport "unixexec" is not supported'],
    ['unix:', '"" is not key=value'],
    ['unix:path', '"path" is not key=value'],
    ['unix:path=/a=b', '"path=/a=b" is not key=value'],
    ['unix:path=/a,path=/b', '"path" is given twice'],
    ['unix:path=/a,abstract=/b', 'it has both "path" and "abstract"'],
    ['unix:tmpdir=/tmp', 'it has neither "path" nor "abstract"'],
    ['unix:path=', 'the path "" is not absolute'],
    ['unix:path=run/bus', 'the path "run/bus" is not absolute'],
    ['unix:path=/a%00b', 'the path contains a NUL'],
    ['unix:path=/a%2', '"%2" is not an escaped byte'],
    ['unix:path=/a%zz', '"%zz" is not an escaped byte'],
    ['unix:path=/a b', '" " must be written "%20"'],
    ['unix:path=/%ff', 'it is not UTF-8'],
    ['unix:abstract=', 'the abstract name is empty'],
    [`unix:path=/${'a'.repeat(107)}`, '108 bytes are too long, 107 are the most'],
  ])('"%s" is refused', (address, why) => {
    expect(refusal(address)).toBe(`Cannot use bus address "${address}": ${why}; expected unix:path=…`);
  });

  test('that is refused comes with a command to type', () => {
    expect(busAddress({ kind: 'address', address: 'x' }, {}, 1000)).toHaveProperty(
      'hint',
      'ls -l /run/dbus/system_bus_socket /run/user/1000/bus',
    );
  });

  test('of any socket path names that path', () => {
    const segment = fc.string({ unit: 'binary', maxLength: 25 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(segment, fc.boolean(), (text, abstract) => {
        const socketPath = `${abstract ? '\0' : '/'}x${text}`;
        const address = addressOf(socketPath);
        expect(address).toMatch(/^unix:(path|abstract)=[-0-9A-Za-z_/.\\*%]+$/u);
        expect(socketPathOf(address)).toEqual({ ok: true, socketPath });
      }),
    );
  });

  test('of any text is taken or refused, and taken again as it was written', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const result = busAddress({ kind: 'address', address: `unix:path=/${text}` }, {}, 0, nothingExists);
        if (!result.ok) return;
        expect(busAddress({ kind: 'address', address: result.address }, {}, 0, nothingExists)).toEqual(
          result,
        );
      }),
    );
  });
});
