/** Entering: the profile for the `aliyun` command, and a module that programs take their session from. */
import { isExisting } from '../../../domain/request.js';
import type { HandOver } from '../hand-over.js';
import { OPEN_COMMAND } from './opening.js';
import { EXTERNAL_ID_VARIABLE, literal, regionOf, type Snippet, sh } from './snippet.js';

/** Names the profile after the role, so that several contracts do not get in each other's way. */
export const profileOf = ({ roleName }: HandOver): string => roleName;

/** The variable is set here and read everywhere else. */
const externalIdLine = ({ externalId }: HandOver): string =>
  externalId === undefined
    ? `export ${EXTERNAL_ID_VARIABLE}='…'   # from: ${OPEN_COMMAND}`
    : `export ${EXTERNAL_ID_VARIABLE}=${sh(externalId)}`;

/** The role that enters, where programs have no other way: then its machines do, and there is no key. */
const onlyRoleOf = ({ accessors }: HandOver): string | undefined => {
  const byApi = accessors.filter(({ via }) => via === 'api');
  return byApi.some(({ type }) => type === 'user') ? undefined : byApi[0]?.name;
};

export function cliProfile(handOver: HandOver): Snippet {
  const region = `--region ${sh(regionOf(handOver))} --sts-region ${sh(regionOf(handOver))}`;
  const profile = profileOf(handOver);
  const instanceRole = onlyRoleOf(handOver);
  const role = `--ram-role-arn ${sh(handOver.roleArn)} --role-session-name "user-$(id -un | tr -cd A-Za-z0-9._- | cut -c1-27)" --external-id "$${EXTERNAL_ID_VARIABLE}"`;
  return {
    file: 'profile.sh',
    language: 'sh',
    about: `The profile for the \`aliyun\` command (3.3.0 or later)${instanceRole === undefined ? '' : `, on a machine that has the role ${instanceRole}`}; it takes a new session by itself when one ends.`,
    text: `#!/bin/sh
${
  instanceRole === undefined
    ? `# Keys of a user of account ${handOver.granteeAccountId} that may enter, in ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET.
# They sign nothing but the entering.`
    : `# Run on an ECS instance of account ${handOver.granteeAccountId} that has the role ${instanceRole}; no key is needed.`
}
${externalIdLine(handOver)}
( # in a shell of its own, so that this file can be sourced
set -eu
# What is set becomes the profile of every command that names none, an administrator's among them: that is put back.
current=$(aliyun configure list | sed -n 's/ \\*  *|.*//p')
${
  instanceRole === undefined
    ? `aliyun configure set --profile ${sh(profile)} --mode RamRoleArn ${region} \\
  --access-key-id "$ALIBABA_CLOUD_ACCESS_KEY_ID" --access-key-secret "$ALIBABA_CLOUD_ACCESS_KEY_SECRET" \\`
    : `aliyun configure set --profile ${sh(`${profile}-instance`)} --mode EcsRamRole ${region} --ram-role-name ${sh(instanceRole)}
aliyun configure set --profile ${sh(profile)} --mode ChainableRamRoleArn ${region} --source-profile ${sh(`${profile}-instance`)} \\`
}
  ${role} \\
  --expired-seconds ${handOver.maxSessionSeconds}
if [ -n "$current" ]; then aliyun configure switch --profile "$current" >/dev/null; fi
)
`,
  };
}

/** Roles that instances can take on: those that were made for ECS, and any that the grantee named. */
const instanceRolesOf = ({ accessors, roles }: HandOver): readonly string[] => [
  ...new Set([
    ...roles.filter((role) => !isExisting(role)).map(({ name }) => name),
    ...accessors.filter(({ type }) => type === 'role').map(({ name }) => name),
  ]),
];

export function nodeSession(handOver: HandOver): Snippet {
  const region = regionOf(handOver);
  const [instanceRole] = instanceRolesOf(handOver);
  const keys = `ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ${EXTERNAL_ID_VARIABLE}`;
  const reads =
    onlyRoleOf(handOver) === undefined
      ? `// Reads ${keys}.${instanceRole === undefined ? '' : `\n// On an ECS instance with the role ${instanceRole} no key is needed at all: set ALIBABA_CLOUD_ECS_METADATA=${instanceRole}.`}`
      : `// Runs on an ECS instance with the role ${onlyRoleOf(handOver)}, without a key: set ALIBABA_CLOUD_ECS_METADATA=${onlyRoleOf(handOver)}, and
// ${EXTERNAL_ID_VARIABLE}.`;
  return {
    file: 'session.mjs',
    language: 'js',
    about:
      'Node.js: the three temporary values, taken anew before they end. They sign the calls; what the caller has of its own signs the entering only.',
    text: `// npm install @alicloud/credentials @alicloud/openapi-core @alicloud/sts20150401
${reads}
import credentials from '@alicloud/credentials';
import openApi from '@alicloud/openapi-core';
import sts from '@alicloud/sts20150401';

const RENEW_BEFORE_MILLISECONDS = 5 * 60 * 1000;
// What the \`aliyun\` command keeps would come before an instance's role.
process.env.ALIBABA_CLOUD_CLI_PROFILE_DISABLED ??= 'true';
let session;

/** { accessKeyId, accessKeySecret, securityToken, expiration }; ask again for every connection, it is cheap. */
export async function enter(name = 'application') {
  if (session && Date.parse(session.expiration) - Date.now() > RENEW_BEFORE_MILLISECONDS) return session;
  const client = new sts.default(
    new openApi.$OpenApiUtil.Config({
      credential: new credentials.default(),
      endpoint: ${literal(`sts.${region}.aliyuncs.com`)},
    }),
  );
  const { body } = await client.assumeRole(
    new sts.AssumeRoleRequest({
      roleArn: ${literal(handOver.roleArn)},
      roleSessionName: name,
      externalId: process.env.${EXTERNAL_ID_VARIABLE},
      durationSeconds: ${handOver.maxSessionSeconds},
    }),
  );
  session = body.credentials;
  return session;
}
`,
  };
}
