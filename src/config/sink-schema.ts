import * as v from 'valibot';
import { minuteMs, timeSpan } from './span-schema.ts';
import { mailUrlFault, webUrlFault } from './sink-url.ts';

export const maxSinks = 32;
const maxWords = 64;
const maxRecipients = 32;
const maxLabels = 32;
const maxTimeoutMs = 5 * minuteMs;
export const timeoutMs = 10_000;
/** A program may have somebody to call. */
export const execTimeoutMs = 30_000;

const nameWanted = '; expected a name of 1 to 64 letters, digits, "_", "-" or "."';
const pathWanted = '; expected an absolute path of a file';
const webUrlWanted = '; expected an http:// or https:// URL';
const mailUrlWanted = '; expected smtp://HOST:PORT or smtps://HOST:PORT';
const addressWanted = '; expected a mail address such as ops@example.org';
const recipientsWanted = `; expected a mail address, or a list of 1 to ${maxRecipients} of them`;
const commandWanted = `; expected a list of an absolute path and its arguments, such as [/usr/local/bin/page, flapd]`;
const labelNameWanted = '; expected a label name: letters, digits and "_", no digit first';
const labelWanted = '; expected text';
const emailWanted =
  '; expected a sink such as { type: email, smtp: "smtp://127.0.0.1:25", from: flapd@host, to: ops@example.org }';
const alertmanagerWanted = '; expected a sink such as { type: alertmanager, url: "http://127.0.0.1:9093" }';
const execWanted = '; expected a sink such as { type: exec, command: [/usr/local/bin/page] }';
const sinkWanted = '; expected a sink such as { type: webhook, url: "https://example.org/hook" }';
const typeWanted = '; expected webhook, alertmanager, email or exec';

/** Without what valibot's `record` passes over in silence; see `strays.ts`. */
export const sinkNamePattern = /^(?!(?:__proto__|prototype|constructor)$)[A-Za-z0-9_.-]{1,64}$/;

export const sinkName = v.pipe(
  v.string(nameWanted),
  v.regex(sinkNamePattern, nameWanted),
  v.metadata({ title: 'name of 1 to 64 letters, digits, "_", "-" or "."' }),
);

const filePath = v.pipe(
  v.string(pathWanted),
  v.regex(/^\/[^\0]*[^/\0]$/, pathWanted),
  v.maxLength(4095, pathWanted),
  v.metadata({ title: 'absolute path' }),
);

const webUrl = v.pipe(
  v.string(webUrlWanted),
  v.metadata({
    title: 'http:// or https:// URL',
    pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/?#\\s@]+(?:[/?#]\\S*)?$',
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? webUrlFault(dataset.value) : undefined;
    if (fault !== undefined) addIssue({ message: `${fault}${webUrlWanted}` });
  }),
);

const mailUrl = v.pipe(
  v.string(mailUrlWanted),
  v.metadata({
    title: 'smtp:// or smtps:// URL',
    pattern: '^[Ss][Mm][Tt][Pp][Ss]?://(?:[^/?#\\s@:]*@)?[^/?#\\s@]+/?$',
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? mailUrlFault(dataset.value) : undefined;
    if (fault !== undefined) addIssue({ message: `${fault}${mailUrlWanted}` });
  }),
);

const mailAddress = v.pipe(
  v.string(addressWanted),
  v.regex(/^[\w.!#$%&'*+/=?^`{|}~-]+@(?:[\w.-]+|\[[\w.:]+\])$/, addressWanted),
  v.maxLength(254, addressWanted),
  v.metadata({ title: 'mail address' }),
);

const timeout = (defaultMs: number) =>
  v.exactOptional(
    v.pipe(
      timeSpan({ maxMs: maxTimeoutMs, example: '10s', defaultMs }),
      v.description('How long one delivery may take.'),
    ),
  );

const headersFile = v.exactOptional(
  v.pipe(
    filePath,
    v.description('File of lines `Name: value`, read anew for each delivery: the place for secrets.'),
  ),
);

const webhook = v.strictObject(
  {
    type: v.literal('webhook'),
    url: v.pipe(webUrl, v.description('Where each notification is posted.')),
    headers_file: headersFile,
    format: v.exactOptional(
      v.pipe(
        v.picklist(['json', 'slack', 'discord', 'ntfy'], '; expected json, slack, discord or ntfy'),
        v.metadata({ description: 'What the receiver understands.', default: 'json' }),
      ),
    ),
    timeout: timeout(timeoutMs),
  },
  sinkWanted,
);

const label = v.pipe(v.string(labelWanted), v.minLength(1, labelWanted), v.maxLength(1024, labelWanted));

const alertmanager = v.strictObject(
  {
    type: v.literal('alertmanager'),
    url: v.pipe(webUrl, v.description('The server; `/api/v2/alerts` is added.')),
    headers_file: headersFile,
    labels: v.exactOptional(
      v.pipe(
        v.record(
          v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, labelNameWanted)),
          label,
          '; expected a mapping such as { severity: page }',
        ),
        v.maxEntries(maxLabels, `; expected at most ${maxLabels} labels`),
        v.metadata({ title: 'mapping of text to text', description: 'Labels added to each alert.' }),
      ),
    ),
    timeout: timeout(timeoutMs),
  },
  alertmanagerWanted,
);

const email = v.strictObject(
  {
    type: v.literal('email'),
    smtp: v.pipe(
      mailUrl,
      v.description(
        'The mail server: smtp://HOST:PORT or smtps://HOST:PORT; a user name may stand before the host.',
      ),
    ),
    password_file: v.exactOptional(
      v.pipe(filePath, v.description('File that holds the password, read anew for each delivery.')),
    ),
    from: v.pipe(mailAddress, v.description('The sender.')),
    to: v.pipe(
      v.union(
        [
          mailAddress,
          v.pipe(
            v.array(mailAddress),
            v.minLength(1, recipientsWanted),
            v.maxLength(maxRecipients, recipientsWanted),
          ),
        ],
        recipientsWanted,
      ),
      v.transform((addresses) => (typeof addresses === 'string' ? [addresses] : addresses)),
      v.metadata({ title: 'mail address, or a list of them', description: 'Who gets the mail.' }),
    ),
    timeout: timeout(timeoutMs),
  },
  emailWanted,
);

const exec = v.strictObject(
  {
    type: v.literal('exec'),
    command: v.pipe(
      v.array(
        v.pipe(v.string('; expected text'), v.regex(/^[^\0]*$/, '; expected text without NUL')),
        commandWanted,
      ),
      v.minLength(1, commandWanted),
      v.maxLength(maxWords, `; expected at most ${maxWords} words`),
      v.metadata({
        title: 'list of text, an absolute path first',
        items: [{ type: 'string', pattern: '^/.*[^/]$' }],
        additionalItems: { type: 'string' },
        description:
          'Program and arguments, run without a shell; the incident comes as JSON on its standard input.',
      }),
      v.rawCheck(({ dataset, addIssue }) => {
        if (!dataset.typed) return;
        const [program = ''] = dataset.value;
        if (/^\/.*[^/]$/s.test(program)) return;
        addIssue({
          input: program,
          message: ': no absolute path; expected the program first, such as /usr/local/bin/page',
          path: [{ type: 'array', origin: 'value', input: dataset.value, key: 0, value: program }],
        });
      }),
    ),
    timeout: timeout(execTimeoutMs),
  },
  execWanted,
);

export const sinks = v.pipe(
  v.record(
    sinkName,
    v.variant('type', [webhook, alertmanager, email, exec], ({ path }) =>
      path === undefined ? sinkWanted : typeWanted,
    ),
    '; expected a mapping of names to sinks',
  ),
  v.maxEntries(maxSinks, `; expected at most ${maxSinks} sinks`),
  v.metadata({
    title: 'mapping of names to sinks',
    description: 'Ways to tell somebody, each with a name that `notify` uses.',
  }),
);

export type SinkEntry = v.InferOutput<typeof sinks>[string];
