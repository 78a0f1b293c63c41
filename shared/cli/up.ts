/** `leasehold up`: keeps an embedded cloud with Leasehold in it running. */
import { Command } from 'commander';
import { sampleSeed } from '../loopback/products/seed.js';
import { OWNER, REGION, startEmbedded } from './embedded/start.js';

export function upCommand(): Command {
  return new Command('up')
    .description(
      'run an embedded cloud with Leasehold deployed in it until interrupted, and print endpoint and keys',
    )
    .option('--port <number>', 'port on 127.0.0.1', '0')
    .option('--verbose', 'print what happens, one JSON line each')
    .action(async (options: { readonly port: string; readonly verbose?: boolean }) => {
      const cloud = await startEmbedded({
        seed: sampleSeed(OWNER),
        port: Number(options.port),
        ...(options.verbose === true ? { trace: (line) => console.error(JSON.stringify(line)) } : {}),
      });
      const partner = '2000000000000002';
      const { rootAccessKey } = cloud.accounts.createAccount(partner);
      const alice = cloud.accounts.createUser(partner, 'alice');
      console.log(
        [
          `embedded cloud on ${cloud.origin}, resource owner ${OWNER}, region ${REGION}; Ctrl-C ends it and forgets everything`,
          '',
          '# for leasehold post, leasehold show and any SDK:',
          `export LEASEHOLD_ENDPOINT=${cloud.endpoint} LEASEHOLD_ACCOUNT=${OWNER} LEASEHOLD_REGION=${REGION}`,
          `export ALIBABA_CLOUD_ACCESS_KEY_ID=${cloud.root.accessKeyId} ALIBABA_CLOUD_ACCESS_KEY_SECRET=${cloud.root.accessKeySecret}`,
          '',
          `# partner ${partner}: root key, and the key of RAM user alice`,
          `#   ${rootAccessKey.accessKeyId} ${rootAccessKey.accessKeySecret}`,
          `#   ${alice.accessKeyId} ${alice.accessKeySecret}`,
        ].join('\n'),
      );
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      await cloud.close();
    });
}
