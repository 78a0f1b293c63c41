/** The sub-commands of `leasehold`, a file each. */
import { Command } from 'commander';
import project from '../../package.json' with { type: 'json' };

/**
 * In the order of the help. Each is loaded when it is wanted, and loads what calls or is a cloud when it runs: the SDKs take longer than
 * all else that most do, and help is on all of them.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  try: async () => (await import('./try.js')).tryCommand(),
  up: async () => (await import('./up.js')).upCommand(),
  plan: async () => (await import('./plan.js')).planCommand(),
  post: async () => (await import('./post.js')).postCommand(),
  show: async () => (await import('./show.js')).showCommand(),
  list: async () => (await import('./list.js')).listCommand(),
  waiting: async () => (await import('./waiting.js')).waitingCommand(),
  evidence: async () => (await import('./evidence.js')).evidenceCommand(),
  verify: async () => (await import('./verify.js')).verifyCommand(),
  reconcile: async () => (await import('./reconcile.js')).reconcileCommand(),
  approve: async () => (await import('./answer.js')).approveCommand(),
  decline: async () => (await import('./answer.js')).declineCommand(),
  keygen: async () => (await import('./keygen.js')).keygenCommand(),
  amend: async () => (await import('./amend.js')).amendCommand(),
  suspend: async () => (await import('./suspend.js')).suspendCommand(),
  resume: async () => (await import('./resume.js')).resumeCommand(),
  revoke: async () => (await import('./revoke.js')).revokeCommand(),
  'hand-over': async () => (await import('./hand-over.js')).handOverCommand(),
  open: async () => (await import('./open.js')).openCommand(),
  provisioning: async () => (await import('./provisioning.js')).provisioningCommand(),
  invoke: async () => (await import('./invoke.js')).invokeCommand(),
  render: async () => (await import('./render.js')).renderCommand(),
  deploy: async () => (await import('./deploy.js')).deployCommand(),
  alarms: async () => (await import('./alarms.js')).alarmsCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
};

export const isCommand = (name: string): boolean => Object.hasOwn(COMMANDS, name);

/**
 * With the command of that name alone, or with all where there is none, as the help needs them. Made anew for each run: options take
 * what the environment says then.
 */
export async function makeProgram(name = ''): Promise<Command> {
  const asked = isCommand(name) ? COMMANDS[name] : undefined;
  const commands = await Promise.all(
    (asked === undefined ? Object.values(COMMANDS) : [asked]).map((make) => make()),
  );
  const program = new Command('leasehold')
    .description(
      'Partner access to your Alibaba Cloud resources that begins with an event and ends with the contract.',
    )
    .version(project.version)
    .showHelpAfterError('(leasehold --help tells which commands there are)');
  for (const command of commands)
    program.addCommand(
      command.showHelpAfterError(`(leasehold ${command.name()} --help tells what it takes)`),
    );
  return program;
}
