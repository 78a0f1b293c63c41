/** The sub-commands of `leasehold`, a file each. */
import { Command } from 'commander';
import { approveCommand, declineCommand } from './answer.js';
import { deployCommand } from './deploy.js';
import { doctorCommand } from './doctor.js';
import { evidenceCommand } from './evidence.js';
import { handOverCommand } from './hand-over.js';
import { invokeCommand } from './invoke.js';
import { keygenCommand } from './keygen.js';
import { listCommand } from './list.js';
import { openCommand } from './open.js';
import { planCommand } from './plan.js';
import { postCommand } from './post.js';
import { provisioningCommand } from './provisioning.js';
import { reconcileCommand } from './reconcile.js';
import { renderCommand } from './render.js';
import { revokeCommand } from './revoke.js';
import { showCommand } from './show.js';
import { tryCommand } from './try.js';
import { upCommand } from './up.js';
import { verifyCommand } from './verify.js';
import { waitingCommand } from './waiting.js';

/** Made anew for each run: options take what the environment says then. */
export const makeProgram = (): Command =>
  new Command('leasehold')
    .description(
      'Partner access to your Alibaba Cloud resources that begins with an event and ends with the contract.',
    )
    .showHelpAfterError('(leasehold --help tells which commands there are)')
    .addCommand(tryCommand())
    .addCommand(upCommand())
    .addCommand(planCommand())
    .addCommand(postCommand())
    .addCommand(showCommand())
    .addCommand(listCommand())
    .addCommand(waitingCommand())
    .addCommand(evidenceCommand())
    .addCommand(verifyCommand())
    .addCommand(reconcileCommand())
    .addCommand(approveCommand())
    .addCommand(declineCommand())
    .addCommand(keygenCommand())
    .addCommand(revokeCommand())
    .addCommand(handOverCommand())
    .addCommand(openCommand())
    .addCommand(provisioningCommand())
    .addCommand(invokeCommand())
    .addCommand(renderCommand())
    .addCommand(deployCommand())
    .addCommand(doctorCommand());
