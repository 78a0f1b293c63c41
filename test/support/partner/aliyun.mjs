// As much of the `aliyun` command as hand-overs use: profiles, RPC actions and paths, over the generic client of the vendor. What it
// keeps is where the real one keeps it, and reads the same, since the vendor's SDKs look there too.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import openApi from '@alicloud/openapi-core';
import sts from '@alicloud/sts20150401';
import darabonba from '@darabonba/typescript';

const VERSIONS = {
  ram: '2015-05-01',
  ims: '2019-08-15',
  sts: '2015-04-01',
  alikafka: '2019-09-16',
  'amqp-open': '2019-12-12',
  ons: '2019-02-14',
  rocketmq: '2022-08-01',
  eventbridge: '2020-04-01',
  slb: '2014-05-15',
  alb: '2020-06-16',
  nlb: '2022-04-30',
};
const CONFIGURATION = join(process.env.HOME, '.aliyun', 'config.json');
const configuration = existsSync(CONFIGURATION)
  ? JSON.parse(readFileSync(CONFIGURATION, 'utf8'))
  : { current: 'default', profiles: [{ name: 'default', mode: '' }] };
function save(changes) {
  mkdirSync(dirname(CONFIGURATION), { recursive: true });
  writeFileSync(CONFIGURATION, JSON.stringify({ ...configuration, ...changes }, null, '\t'));
}
function profileNamed(name) {
  const found = configuration.profiles.find((one) => one.name === name);
  if (found === undefined) throw new Error(`unknown profile ${name}, run configure to check`);
  return found;
}

/** Options of `configure set`, by what a profile calls them. */
const OPTIONS = {
  mode: 'mode',
  'access-key-id': 'access_key_id',
  'access-key-secret': 'access_key_secret',
  region: 'region_id',
  'sts-region': 'sts_region',
  'ram-role-name': 'ram_role_name',
  'ram-role-arn': 'ram_role_arn',
  'role-session-name': 'ram_session_name',
  'external-id': 'external_id',
  'source-profile': 'source_profile',
  'expired-seconds': 'expired_seconds',
};

const config = (keys, region) =>
  new openApi.$OpenApiUtil.Config({
    ...keys,
    endpoint: process.env.EMBEDDED_CLOUD,
    protocol: 'http',
    regionId: region,
  });

/** Words first, then `--name value`, but for the one that has none. */
function read(args) {
  const words = [];
  const flags = {};
  for (let at = 0; at < args.length; at += 1) {
    if (args[at] === '--secure') continue;
    if (!args[at].startsWith('--')) words.push(args[at]);
    else {
      flags[args[at].slice(2)] = args[at + 1];
      at += 1;
    }
  }
  return { words, flags };
}

/** What the metadata service of an instance with that role hands out. */
function instanceSessionOf(role) {
  const { [role]: session } = JSON.parse(process.env.INSTANCE_SESSIONS ?? '{}');
  if (session === undefined) throw new Error(`no role ${role} on this machine`);
  return session;
}

/** What a profile takes its session with. */
async function sourceOf(profile) {
  if (profile.mode === 'ChainableRamRoleArn') return keysOf(profileNamed(profile.source_profile));
  return { accessKeyId: profile.access_key_id, accessKeySecret: profile.access_key_secret };
}

async function keysOf(profile) {
  if (profile.mode === 'AK') return sourceOf(profile);
  if (profile.mode === 'EcsRamRole') return instanceSessionOf(profile.ram_role_name);
  const client = new sts.default(config(await sourceOf(profile), profile.sts_region));
  const { body } = await client.assumeRole(
    new sts.AssumeRoleRequest({
      roleArn: profile.ram_role_arn,
      roleSessionName: profile.ram_session_name,
      externalId: profile.external_id,
      durationSeconds: profile.expired_seconds,
    }),
  );
  return body.credentials;
}

/** The environment only fills what the profile leaves open, and nothing is asked without a region. */
function profileFor({ profile, region }) {
  const found = profileNamed(profile ?? process.env.ALIBABA_CLOUD_PROFILE ?? configuration.current);
  const filled = {
    ...found,
    access_key_id: found.access_key_id || process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    access_key_secret: found.access_key_secret || process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    region_id: region || found.region_id || process.env.ALIBABA_CLOUD_REGION_ID,
  };
  if (!filled.region_id) throw new Error("region can't be empty");
  return { ...filled, mode: filled.mode || (filled.access_key_id ? 'AK' : '') };
}

async function call(product, what, { profile: name, region: asked, ...params }) {
  const profile = profileFor({ profile: name, region: asked });
  const region = profile.region_id;
  const isRpc = what.length === 1;
  // It has by which method from the vendor's metadata.
  const isByGet = product === 'amqp-open' && /^List(?!Accounts)/.test(what[0]);
  const [method, path] = isRpc ? [isByGet ? 'GET' : 'POST', '/'] : what;
  const client = new openApi.default(config(await keysOf(profile), region));
  const { body } = await client.callApi(
    new openApi.$OpenApiUtil.Params({
      action: isRpc ? what[0] : 'Call',
      version: VERSIONS[product],
      protocol: 'HTTP',
      pathname: path,
      method,
      authType: 'AK',
      style: isRpc ? 'RPC' : 'ROA',
      reqBodyType: 'json',
      bodyType: 'json',
    }),
    new openApi.$OpenApiUtil.OpenApiRequest({ query: isRpc ? { RegionId: region, ...params } : params }),
    new darabonba.RuntimeOptions({}),
  );
  return body;
}

/** What is set becomes the current profile, which commands take that name none. */
const CONFIGURE = {
  set: ({ profile: name = configuration.current, ...flags }) => {
    const given = Object.entries(flags).map(([flag, value]) => {
      if (OPTIONS[flag] === undefined) throw new Error(`invalid flag --${flag}`);
      return [OPTIONS[flag], flag === 'expired-seconds' ? Number(value) : value];
    });
    const before = configuration.profiles.find((one) => one.name === name);
    const profile = { ...before, name, ...Object.fromEntries(given) };
    if (!profile.region_id) throw new Error("fail to set configuration: region can't be empty");
    const others = configuration.profiles.filter((one) => one.name !== name);
    save({ current: name, profiles: [...others, profile] });
  },
  switch: ({ profile }) => {
    save({ current: profileNamed(profile).name });
    console.log(`The default profile is \`${profile}\` now.`);
  },
  list: () => {
    console.log('Profile    | Credential         | Valid   | Region           | Language');
    console.log('---------  | ------------------ | ------- | ---------------- | --------');
    for (const { name, mode, region_id = '' } of configuration.profiles)
      console.log(
        `${name}${name === configuration.current ? ' *' : ''} | ${mode} | Valid | ${region_id} | en`,
      );
  },
};

async function run({ words: [product, ...what], flags }) {
  if (product === 'configure') {
    CONFIGURE[what[0]](flags);
    return;
  }
  if (VERSIONS[product] === undefined) throw new Error(`no product ${product}`);
  console.log(JSON.stringify(await call(product, what, flags), null, 2));
}

run(read(process.argv.slice(2))).catch((error) => {
  console.error(`ERROR: ${error.code ?? error.message}`);
  process.exitCode = 1;
});
