/** `leasehold up`: keeps an embedded cloud with Leasehold in it running. */
import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { sh } from '../app/hand-over/snippets/snippet.js';
import { printable } from '../app/printable.js';
import { makeFolders } from '../loopback/keep/folder.js';
import { sampleSeed } from '../loopback/products/seed.js';
import { OWNER, REGION } from './embedded/owner.js';
import { resourceLines, resourcesIn } from './embedded/seed.js';
import { tellTo } from './embedded/told.js';
import { readEventFile } from './post.js';
import { readCheckedProject, warnOfUnread } from './project.js';

interface UpOptions {
  readonly port?: number;
  readonly data?: string;
  readonly events?: string;
  readonly rates?: boolean;
  readonly verbose?: boolean;
}

export function upCommand(): Command {
  return new Command('up')
    .description(
      'run an embedded cloud with Leasehold deployed in it, as the variables of the stage say, until interrupted; print endpoint and keys',
    )
    .argument('[event.json...]', 'requests whose resources are to be there too; they are not posted')
    .option(
      '--port <number>',
      'port on 127.0.0.1, 0: a free one; default: a free one, or with --data the one it had',
      portIn,
    )
    .option('--data <folder>', 'keep all state there; without it, state ends with this process')
    .option(
      '--events <folder>',
      'keep what Leasehold tells the world there, a file an event, such as leasehold open takes; default: events in the folder of --data, if any',
    )
    .option('--rates', 'refuse what is beyond the request rates that the vendor publishes')
    .option('--verbose', 'print what happens, one JSON line each, on standard error')
    .action(async (files: readonly string[], options: UpOptions) => {
      const { EMBEDDED_SETTINGS, startEmbedded } = await import('./embedded/start.js');
      warnOfUnread(process.env);
      const settings = { ...EMBEDDED_SETTINGS, ...settingsIn(process.env) };
      readCheckedProject({ env: { ...settings, LEASEHOLD_REGION: REGION }, accountId: OWNER });
      const { data, verbose } = options;
      // Else what is sealed in an event, which is told once, would be lost.
      if (options.events !== undefined) makeWritable(options.events);
      const events = options.events ?? (data === undefined ? undefined : join(data, 'events'));
      const cloud = await startEmbedded({
        seed: sampleSeed(OWNER),
        named: files.flatMap((file) => resourcesIn(readEventFile(file), file)),
        hear: tellTo((line) => console.log(line), events),
        ...(options.port === undefined ? {} : { port: options.port }),
        env: settings,
        ...(data === undefined ? {} : { data }),
        ...(options.rates === true ? { rates: true } : {}),
        ...(verbose === true ? { trace: (line) => console.error(printable(JSON.stringify(line))) } : {}),
      });
      const partner = '2000000000000002';
      const { accounts } = cloud;
      const root = accounts.keyOf(partner) ?? accounts.createAccount(partner).rootAccessKey;
      const alice = accounts.keyOf(partner, 'alice') ?? accounts.createUser(partner, 'alice');
      await cloud.saved();
      // Before it is said that Ctrl-C ends it: whoever reads that may be quick.
      const ended = interrupted();
      console.log(
        [
          `embedded cloud on ${cloud.origin}, resource owner ${OWNER}, region ${REGION}; Ctrl-C ends it${data === undefined ? ' and forgets everything' : ''}`,
          '',
          '# for leasehold post, leasehold show and any SDK:',
          `export LEASEHOLD_ENDPOINT=${cloud.endpoint} LEASEHOLD_ACCOUNT=${OWNER} LEASEHOLD_REGION=${REGION}`,
          `export ALIBABA_CLOUD_ACCESS_KEY_ID=${cloud.root.accessKeyId} ALIBABA_CLOUD_ACCESS_KEY_SECRET=${cloud.root.accessKeySecret}`,
          '# as it is deployed here, for leasehold doctor, plan, approve and revoke:',
          `export ${Object.entries(settings)
            .map(([name, value]) => `${name}=${inShell(value)}`)
            .join(' ')}`,
          '',
          '# there for requests to name; what else your events name is put there by leasehold up <event.json …>:',
          ...resourceLines(cloud.resources).map((line) => `#   ${line}`),
          '',
          `# partner ${partner}: root key, and the key of RAM user alice`,
          `#   ${root.accessKeyId} ${root.accessKeySecret}`,
          `#   ${alice.accessKeyId} ${alice.accessKeySecret}`,
          '',
          `# what Leasehold tells the world${events === undefined ? '' : `, and where it is whole`}:`,
        ].join('\n'),
      );
      await Promise.race([ended, cloud.failed]);
      // Rejects when something could not be kept.
      await cloud.close();
    });
}

/** @throws {Error} naming `folder` and why nothing can be kept there */
function makeWritable(folder: string): void {
  try {
    makeFolders(resolve(folder));
    // A file would be there, too.
    accessSync(`${resolve(folder)}/.`, constants.W_OK);
  } catch (error) {
    throw new Error(`no event can be kept in ${folder}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });

/** Where Leasehold is to be is not up to a stage here. An empty variable counts as unset, as in `s.yaml`. */
const HERE = ['LEASEHOLD_ACCOUNT', 'LEASEHOLD_REGION', 'LEASEHOLD_ENDPOINT'];
const settingsIn = (env: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith('LEASEHOLD_') && !HERE.includes(entry[0]) && Boolean(entry[1]),
    ),
  );

/** As one word of a shell. */
const inShell = (text: string): string => (/^[\w.,:@/-]+$/.test(text) ? text : sh(text));

function portIn(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return Number(text);
}
