/** The part of `@alicloud/fc2` that is used; the package ships no types. Source: its lib/client.js. */
declare module '@alicloud/fc2' {
  interface Answer {
    readonly headers: Readonly<Record<string, string>>;
    readonly data: unknown;
  }
  // biome-ignore lint/style/noDefaultExport: this is how the package exports its client
  export default class Client {
    constructor(
      accountId: string,
      config: {
        readonly accessKeyID: string;
        readonly accessKeySecret: string;
        readonly securityToken?: string;
        readonly region: string;
        readonly endpoint?: string;
        readonly secure?: boolean;
        readonly timeout?: number;
      },
    );
    createService(name: string, options: Readonly<Record<string, unknown>>): Promise<Answer>;
    createFunction(service: string, options: Readonly<Record<string, unknown>>): Promise<Answer>;
    updateFunction(
      service: string,
      name: string,
      options: Readonly<Record<string, unknown>>,
    ): Promise<Answer>;
    getService(name: string): Promise<Answer>;
    getFunctionCode(service: string, name: string): Promise<Answer>;
    listFunctions(service: string, options: Readonly<Record<string, unknown>>): Promise<Answer>;
    invokeFunction(
      service: string,
      name: string,
      event: string,
      headers?: Readonly<Record<string, string>>,
      qualifier?: string,
    ): Promise<Answer>;
  }
}
