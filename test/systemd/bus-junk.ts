import { encodeMessage } from './bus-fake-server.ts';

const SIGNAL = { type: 4, serial: 9, sender: ':1.2', path: '/a', interface: 'a.b', member: 'C' } as const;

/** A signal whose body is `body`, whatever its `signature` says. */
export function signalWith(signature: string, body: Buffer): Buffer {
  const message = encodeMessage({
    ...SIGNAL,
    signature: 's'.repeat(signature.length),
    body: Array.from({ length: signature.length }, () => ''),
  });
  const headerBytes = 16 + Math.ceil(message.readUInt32LE(12) / 8) * 8;
  const header = Buffer.from(message.subarray(0, headerBytes));
  // The signature field holds as many characters as `signature` has.
  header.write(signature, header.lastIndexOf('s'.repeat(signature.length)), 'latin1');
  header.writeUInt32LE(body.length, 4);
  return Buffer.concat([header, body]);
}

export function uint32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}

function fixedHeader(bytes: {
  readonly order?: string;
  readonly type?: number;
  readonly version?: number;
  readonly bodyBytes?: number;
  readonly serial?: number;
  readonly fieldBytes?: number;
}): Buffer {
  const { order = 'l', type = 4, version = 1, bodyBytes = 0, serial = 5, fieldBytes = 0 } = bytes;
  const header = Buffer.concat([
    Buffer.from(order),
    Buffer.from([type, 0, version]),
    uint32s(bodyBytes, serial, fieldBytes),
  ]);
  return order === 'B' ? Buffer.concat([header.subarray(0, 4), header.subarray(4).swap32()]) : header;
}

/** One byte more than a message may have. */
function tooLong(): Buffer {
  const message = signalWith('s', Buffer.alloc(0));
  message.writeUInt32LE(128 * 1024 * 1024 - message.length + 1, 4);
  return message;
}

const whole = signalWith('s', Buffer.from([1, 0, 0, 0, 0x61, 0]));
const nested = Buffer.from([1, 0x76, 0]);

/** What no bus may send, by what is wrong with it. */
export const junk: Readonly<Record<string, Buffer>> = {
  'another protocol': Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
  zeros: Buffer.alloc(64),
  'all bits set': Buffer.alloc(64, 0xff),
  'a protocol version to come': fixedHeader({ version: 2 }),
  'a message of one byte over 128 MiB': tooLong(),
  'a body of 1 GiB, over what stream.read can take': fixedHeader({ bodyBytes: 0x40_00_00_01 }),
  'a body of 4 GiB': fixedHeader({ bodyBytes: 0xff_ff_ff_ff, fieldBytes: 16 }),
  'header fields of 4 GiB, which dbus-next rounds to 0': fixedHeader({ fieldBytes: 0xff_ff_ff_ff }),
  'header fields of 2 GiB, which dbus-next takes for a negative size': fixedHeader({
    fieldBytes: 0x7f_ff_ff_ff,
  }),
  'a big-endian header that makes no sense': fixedHeader({ order: 'B', fieldBytes: 0xde_ad_be_ef }),
  'a big-endian header with fields of nonsense': Buffer.concat([
    fixedHeader({ order: 'B', fieldBytes: 24 }),
    Buffer.from('nonsense nonsense nonsen'),
  ]),
  'a message without any field': fixedHeader({}),
  'a message of type 0': Buffer.concat([fixedHeader({ type: 0 }), whole.subarray(16)]),
  'a message without serial': Buffer.concat([whole.subarray(0, 8), uint32s(0), whole.subarray(12)]),
  'a path that is a number': Buffer.concat([
    fixedHeader({ fieldBytes: 8 }),
    Buffer.from([1, 1, 0x75, 0, 7, 0, 0, 0]),
  ]),
  'a signature that is no signature': signalWith('!', Buffer.from([0])),
  'an array signature that has no element': signalWith('a', uint32s(8, 0, 0)),
  'a string longer than the message': signalWith(
    's',
    Buffer.concat([uint32s(0xff_ff_ff_ff), Buffer.from('ab')]),
  ),
  'an array longer than the message': signalWith('au', uint32s(0x7f_ff_ff_f0, 0, 0)),
  'an array of empty structs, on which dbus-next loops for ever': signalWith('a()', uint32s(8, 0, 0, 0)),
  'an array of 4 GiB of structs of bytes': signalWith('a(y)', uint32s(0xff_ff_ff_ff, 0, 0, 0)),
  'variants nested until the stack ends': signalWith(
    'v',
    Buffer.concat(Array.from({ length: 200_000 }, () => nested)),
  ),
  'a string whose length leads dbus-next back to its beginning, for ever': signalWith(
    'a(su)',
    uint32s(8, 0, 0xff_ff_ff_f7, 0),
  ),
  'a body shorter than its signature': signalWith('tt', uint32s(1, 2)),
  'a body longer than its signature': signalWith('u', uint32s(1, 2)),
  'a dict entry of one type': signalWith('a{s}', uint32s(8, 0, 0, 0)),
};
