// Preloaded into a partner's program: what it sends to Alibaba Cloud over TLS goes to an embedded cloud, its host kept, since
// that is signed. The program itself is run as it is.
import http from 'node:http';
import https from 'node:https';

const [host, port] = process.env.EMBEDDED_CLOUD.split(':');

https.request = ({ agent: _, ...options }) => {
  const vendorHost = options.hostname ?? options.host;
  if (!/\.aliyuncs\.com$/.test(vendorHost)) throw new Error(`not to be reached from a test: ${vendorHost}`);
  return http.request({
    ...options,
    protocol: 'http:',
    host,
    hostname: host,
    port,
    headers: { host: vendorHost, ...options.headers },
  });
};
