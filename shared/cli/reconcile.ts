/** `leasehold reconcile [contractId]`: has roles compared with what was approved now, not at the next hour. */
import { Command } from 'commander';
import { parseContractId } from '../domain/values.js';
import { type ConnectOptions, connectionFrom, withConnectOptions } from './connect.js';

export function reconcileCommand(): Command {
  return withConnectOptions(new Command('reconcile'))
    .description(
      'have roles compared with what was approved now; drift is told, and healed or suspended as configured',
    )
    .argument('[contractId]', 'only this one; otherwise those whose turn it is, and whatever looks like ours')
    .option(
      '--prefix <name>',
      'what names of flows begin with',
      process.env['LEASEHOLD_PREFIX'] || 'leasehold',
    )
    .action(async (id: string | undefined, options: ConnectOptions & { readonly prefix: string }) => {
      const input = id === undefined ? {} : { contractId: parseContractId(id) };
      const flow = `${options.prefix}-reconciliation`;
      const { startFlow } = await import('../cloud/alibaba/flows.js');
      const execution = await startFlow(flow, input, connectionFrom(options));
      console.log(`started ${execution} of ${flow}; what it finds is told as partner.access.drift-found`);
      if (id !== undefined) console.log(`leasehold show ${id} prints what the register says of it`);
    });
}
