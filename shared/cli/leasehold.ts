/** The `leasehold` command. A file a sub-command; this one only tells them apart. */
import { Command } from 'commander';
import { approveCommand, declineCommand } from './answer.js';
import { handOverCommand } from './hand-over.js';
import { invokeCommand } from './invoke.js';
import { keygenCommand } from './keygen.js';
import { openCommand } from './open.js';
import { planCommand } from './plan.js';
import { postCommand } from './post.js';
import { reconcileCommand } from './reconcile.js';
import { revokeCommand } from './revoke.js';
import { showCommand } from './show.js';
import { tryCommand } from './try.js';
import { upCommand } from './up.js';

const program = new Command('leasehold')
  .description(
    'Partner access to your Alibaba Cloud resources that begins with an event and ends with the contract.',
  )
  .showHelpAfterError()
  .addCommand(tryCommand())
  .addCommand(upCommand())
  .addCommand(planCommand())
  .addCommand(postCommand())
  .addCommand(showCommand())
  .addCommand(reconcileCommand())
  .addCommand(approveCommand())
  .addCommand(declineCommand())
  .addCommand(keygenCommand())
  .addCommand(revokeCommand())
  .addCommand(handOverCommand())
  .addCommand(openCommand())
  .addCommand(invokeCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(`leasehold: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
