/** The part of `@alicloud/fnf-2019-03-15` that is used; the package ships no types. Source: its index.js. */
declare module '@alicloud/fnf-2019-03-15' {
  // biome-ignore lint/style/noDefaultExport: this is how the package exports its client
  export default class Client {
    constructor(config: {
      accessKeyId: string;
      accessKeySecret: string;
      securityToken?: string;
      endpoint: string;
    });
    createFlow(params: Record<string, string>): Promise<Record<string, unknown>>;
    updateFlow(params: Record<string, string>): Promise<Record<string, unknown>>;
    listFlows(params: Record<string, string>): Promise<Record<string, unknown>>;
    describeFlow(params: Record<string, string>): Promise<Record<string, unknown>>;
    listExecutions(params: Record<string, string>): Promise<Record<string, unknown>>;
    startExecution(params: Record<string, string>): Promise<Record<string, unknown>>;
    describeExecution(params: Record<string, string>): Promise<Record<string, unknown>>;
  }
}
