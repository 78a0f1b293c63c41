/** `leasehold keygen <approver>`: a key pair for somebody who approves. */
import { Command } from 'commander';
import { writeNewKey } from './keys.js';

export function keygenCommand(): Command {
  return new Command('keygen')
    .description('make an approver his key pair; the private key stays in a file that only he reads')
    .argument('<approver>', 'how the approver is known, such as boss@a.example')
    .option('--out <file>', 'where the private key goes; an existing file is never overwritten')
    .action(async (id: string, options: { readonly out?: string }) => {
      if (id.trim() === '') throw new Error('an approver has a name, such as boss@a.example');
      const file = options.out ?? `${id.replace(/[^A-Za-z0-9@._-]/g, '_')}.private.jwk`;
      const key = await writeNewKey(id, file);
      console.error(`the private key is in ${file}, for ${id} alone`);
      console.error(
        'the public one is to be added to the list in LEASEHOLD_APPROVERS, beside an older one of the same approver, which goes once nothing granted on it is left:',
      );
      console.log(JSON.stringify({ id, key }));
    });
}
