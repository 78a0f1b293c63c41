/** The products' own APIs, load balancers among them: one module that calls any, with the calls that the contract gives. */
import { type ApiCall, apiHost } from '../../../domain/api-call.js';
import { isSystemPolicyGrant } from '../../../domain/grant.js';
import type { AccountId } from '../../../domain/values.js';
import { grantProbes } from '../../../services/index.js';
import type { HandOver } from '../hand-over.js';
import { profileOf } from './session.js';
import { type Snippet, sh } from './snippet.js';

/** Read calls that work under the contract, each once. */
export const callsOf = ({ resources, ownerAccountId }: HandOver): readonly ApiCall[] => {
  const calls = resources.flatMap((grant) =>
    isSystemPolicyGrant(grant) ? [] : grantProbes(grant, ownerAccountId as AccountId).map(({ call }) => call),
  );
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
};

export function apiSnippets(handOver: HandOver): readonly Snippet[] {
  const calls = callsOf(handOver);
  if (calls.length === 0) return [];
  return [
    {
      file: 'apis.mjs',
      language: 'js',
      about:
        'Any of the products’ APIs from Node.js, load balancers among them, with calls that this contract gives.',
      text: `// npm install @alicloud/openapi-core @darabonba/typescript, and session.mjs beside this
import openApi from '@alicloud/openapi-core';
import darabonba from '@darabonba/typescript';
import { enter } from './session.mjs';

/** The reply's body. \`path\` is for products that are called by path (RocketMQ 5.x), \`method\` for calls that take no POST. */
export async function call({ endpoint, version, action, region, path, method = path ? 'GET' : 'POST', params = {} }) {
  const { accessKeyId, accessKeySecret, securityToken } = await enter();
  const client = new openApi.default(
    new openApi.$OpenApiUtil.Config({ accessKeyId, accessKeySecret, securityToken, endpoint, regionId: region }),
  );
  const { body } = await client.callApi(
    new openApi.$OpenApiUtil.Params({
      action,
      version,
      protocol: 'HTTPS',
      pathname: path ?? '/',
      method,
      authType: 'AK',
      style: path ? 'ROA' : 'RPC',
      reqBodyType: 'json',
      bodyType: 'json',
    }),
    new openApi.$OpenApiUtil.OpenApiRequest({ query: path ? params : { RegionId: region, ...params } }),
    new darabonba.RuntimeOptions({}),
  );
  return body;
}

export const calls = [
${calls.map((one) => `  ${jsCall(one)},`).join('\n')}
];

if (process.argv.includes('--all')) for (const one of calls) console.log(one.action, JSON.stringify(await call(one)));
`,
    },
  ];
}

const jsCall = ({ product, version, region, action, rest, method, params }: ApiCall): string => {
  const fields = {
    endpoint: apiHost(product, region),
    version,
    action,
    region,
    ...(rest === undefined ? {} : { path: rest.path }),
    ...(method === undefined ? {} : { method }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
  };
  return `{ ${Object.entries(fields)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(', ')} }`;
};

/** The profile is that of `profile.sh`. Ends with 0 only if everything was as it must be. */
export function selfCheck(handOver: HandOver): Snippet {
  const profile = sh(profileOf(handOver));
  return {
    file: 'self-check.sh',
    language: 'sh',
    about:
      'Whether it all works, where the profile is: who you are in the owner’s account, and each read call that the contract gives.',
    text: `#!/bin/sh
set -u
failed=0
check() { # what, command …
  what=$1; shift
  if reply=$("$@" 2>&1); then echo "ok      $what"; return; fi
  failed=1
  echo "REFUSED $what"
  printf '%s\\n' "$reply" | sed -n 's/^/        /; 1,5p' # why, where somebody said so
}
is_entered() {
  aliyun sts GetCallerIdentity --profile ${profile} | grep -q ${sh(`acs:ram::${handOver.ownerAccountId}:assumed-role/${handOver.roleName}/`)}
}
check ${sh(`entering ${handOver.roleName}`)} is_entered
${callsOf(handOver)
  .map((call) => `check ${sh(described(call))} ${cliCall(call)} --profile ${profile}`)
  .join('\n')}
exit "$failed"
`,
  };
}

const described = ({ product, action, params, rest }: ApiCall): string =>
  [product, action, ...(rest === undefined ? Object.values(params) : [rest.path])].join(' ');

const cliCall = ({ product, region, action, rest, params }: ApiCall): string => {
  const flags = Object.entries(params).map(([name, value]) => `--${name} ${sh(value)}`);
  const what = rest === undefined ? [action] : [rest.method, sh(rest.path)];
  return ['aliyun', product.toLowerCase(), ...what, ...flags, `--region ${sh(region)}`].join(' ');
};
