// As much of the `aliyun` command as hand-overs use: profiles, RPC actions and paths, over the generic client of the vendor.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
const PROFILES = join(process.env.ALIYUN_HOME, 'profiles.json');
const profiles = existsSync(PROFILES) ? JSON.parse(readFileSync(PROFILES, 'utf8')) : {};

const config = (keys, region) =>
  new openApi.$OpenApiUtil.Config({
    ...keys,
    endpoint: process.env.EMBEDDED_CLOUD,
    protocol: 'http',
    regionId: region,
  });

/** Words first, then `--name value`. */
function read(args) {
  const words = [];
  const flags = {};
  for (let at = 0; at < args.length; at += 1) {
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
  if (profile?.mode === 'ChainableRamRoleArn') return keysOf(profile['source-profile']);
  if (profile?.mode !== 'RamRoleArn') throw new Error(`no such profile: ${JSON.stringify(profile)}`);
  return { accessKeyId: profile['access-key-id'], accessKeySecret: profile['access-key-secret'] };
}

async function keysOf(name) {
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret } =
    process.env;
  if (name === undefined) return { accessKeyId, accessKeySecret };
  const profile = profiles[name];
  if (profile?.mode === 'EcsRamRole') return instanceSessionOf(profile['ram-role-name']);
  const client = new sts.default(config(await sourceOf(profile), profile.region));
  const { body } = await client.assumeRole(
    new sts.AssumeRoleRequest({
      roleArn: profile['ram-role-arn'],
      roleSessionName: profile['role-session-name'],
      externalId: profile['external-id'],
      durationSeconds: Number(profile['expired-seconds']),
    }),
  );
  return body.credentials;
}

async function call(product, what, { profile, region = 'cn-hangzhou', ...params }) {
  const [method, path] = what.length === 2 ? what : ['POST', '/'];
  const isRpc = what.length === 1;
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

async function run({ words: [product, ...what], flags }) {
  if (product === 'configure') {
    writeFileSync(PROFILES, JSON.stringify({ ...profiles, [flags.profile]: flags }));
    return;
  }
  if (VERSIONS[product] === undefined) throw new Error(`no product ${product}`);
  console.log(JSON.stringify(await call(product, what, flags), null, 2));
}

run(read(process.argv.slice(2))).catch((error) => {
  console.error(`ERROR: ${error.code ?? error.message}`);
  process.exitCode = 1;
});
