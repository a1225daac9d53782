import { once } from 'node:events';
import { Message, MessageType, sessionBus } from 'dbus-next';
import type { MessageBus } from 'dbus-next';

/** Somebody else on the bus, by dbus-next's own MessageBus. */
export interface Peer {
  readonly name: string;
  /** All that reaches it, replies to its own calls too, as "type sender member-or-error". */
  readonly received: readonly string[];
  emit(signal: PeerSignal): void;
  call(call: PeerCall): Promise<string>;
  /** Sends without waiting. */
  send(call: PeerCall): void;
  close(): void;
}

export interface PeerSignal {
  readonly path?: string;
  readonly iface?: string;
  readonly member?: string;
  readonly destination?: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

export interface PeerCall {
  readonly destination: string;
  readonly noReply?: boolean;
}

/** What the peer does with a call: answers after a while, or never. */
export type PeerManners = { readonly answerAfterMs: number } | 'silent';

export async function connectPeer(socketPath: string, manners: PeerManners = 'silent'): Promise<Peer> {
  const bus: MessageBus = sessionBus({ busAddress: `unix:socket=${socketPath}` });
  bus.on('error', () => {});
  await once(bus, 'connect');
  const received: string[] = [];
  const kinds = ['', 'call', 'return', 'error', 'signal'];
  bus.on('message', (message: Message) => {
    received.push(
      `${kinds[message.type]} ${message.sender} ${message.errorName ?? message.member ?? ''}`.trim(),
    );
  });
  bus.addMethodHandler((message: Message) => {
    if (manners === 'silent') return true;
    setTimeout(() => bus.send(Message.newMethodReturn(message, 's', ['done'])), manners.answerAfterMs);
    return true;
  });
  return {
    name: String(Reflect.get(bus, 'name')),
    received,
    emit: ({ path = '/org/example', iface = 'org.example.Iface', member = 'Happened', ...rest }) =>
      bus.send(
        new Message({
          type: MessageType.SIGNAL,
          path,
          interface: iface,
          member,
          ...rest,
          body: [...(rest.body ?? [])],
        }),
      ),
    call: async (call) => {
      try {
        await bus.call(callOf(call));
        return 'answered';
      } catch (error) {
        return error instanceof Error && 'type' in error ? String(error.type) : String(error);
      }
    },
    send: (call) => bus.send(callOf(call)),
    close: () => bus.disconnect(),
  };
}

function callOf({ destination, noReply }: PeerCall): Message {
  const flags = noReply === true ? { flags: 1 } : {};
  return new Message({ destination, path: '/any', interface: 'org.example.Any', member: 'Thing', ...flags });
}
