import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type LookupFunction } from 'node:net';
import { isPrivateAddress } from '../../../src/engine/providers/addresses.ts';
import { fetchImage, type DownloadRules } from '../../../src/engine/providers/download.ts';
import { createHttp, type Http, type HttpRequest } from '../../../src/engine/providers/http.ts';
import { proxyEnvironment, proxyFor } from '../../../src/engine/providers/proxy.ts';
import { isFactoryError } from '../../../src/engine/model/errors.ts';
import type { ErrorCode } from '../../../src/engine/model/errors.ts';
import { patience } from '../../support/patience.ts';
import { bench, closeAll, contextOf, request, accepted } from './setup.ts';

const isCode =
  (code: ErrorCode, notSent?: boolean) =>
  (error: unknown): boolean =>
    isFactoryError(error, code) && (notSent === undefined || error.notSent === notSent);

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  url,
  method: 'GET',
  service: 'Test',
  signal: new AbortController().signal,
  timeoutMs: patience,
  ...more,
});

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('The way out to the network', () => {
  const http: Http = createHttp();
  const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections?.();
      server.close();
    }
    await closeAll();
  });
  after(() => http.close());

  it('S5: refuses http outside this computer, user names in addresses, and what is no address', async () => {
    for (const url of [
      'http://example.com/',
      'https://user:pass@example.com/',
      'nonsense',
      'ftp://127.0.0.1/',
    ]) {
      await assert.rejects(http.request(get(url)), isCode('settings.invalid'));
    }
  });

  it('P13: says that nothing was sent when nobody listens or the name is not known', async () => {
    const port = await listening(
      createServer().on('listening', function (this: Server) {
        servers.push(this);
      }),
    );
    servers.splice(0).forEach((server) => server.close());
    await assert.rejects(http.request(get(`http://127.0.0.1:${port}/`)), isCode('network.unreachable', true));
    const lookup: LookupFunction = (name, _options, callback) =>
      callback(Object.assign(new Error(name), { code: 'ENOTFOUND' }), '', 4);
    const other = createHttp({ lookup });
    await assert.rejects(other.request(get('https://nowhere.example/')), isCode('network.unreachable', true));
    other.close();
  });

  it('P13: a connection that never comes about was sent nothing', async () => {
    // Accepts the connection and never answers the TLS greeting.
    const silent = createTcpServer(() => undefined);
    servers.push(silent);
    const port = await listening(silent);
    const hasty = createHttp({ connectMs: 80 });
    await assert.rejects(
      hasty.request(get(`https://127.0.0.1:${port}/`)),
      isCode('network.unreachable', true),
    );
    hasty.close();
  });

  it('P13: a server that breaks off, hangs or stalls after the request may have got it', async () => {
    const server = createServer((req, res) => {
      if (req.url === '/reset') req.socket.destroy();
      if (req.url === '/stall') res.writeHead(200, { 'content-length': '100' }).write('x');
      if (req.url === '/short')
        res.writeHead(200, { 'content-length': '100' }).write('x', () => res.destroy());
    });
    servers.push(server);
    const base = `http://127.0.0.1:${await listening(server)}`;
    await assert.rejects(http.request(get(`${base}/reset`)), isCode('network.unreachable', false));
    await assert.rejects(http.request(get(`${base}/short`)), isCode('network.unreachable', false));
    await assert.rejects(
      http.request(get(`${base}/hang`, { timeoutMs: 60 })),
      isCode('network.timeout', false),
    );
    await assert.rejects(
      http.request(get(`${base}/stall`, { stallMs: 60 })),
      isCode('network.timeout', false),
    );
  });

  it('P13: a status that no protocol knows is no answer', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        const status = /GET \/(\d+)/.exec(bytes.toString())?.[1] ?? '';
        socket.end(`HTTP/1.1 ${status} Odd\r\ncontent-length: 2\r\n\r\n{}`);
      });
    });
    const port = await listening(server);
    servers.push(server);
    for (const status of [600, 700, 999]) {
      await assert.rejects(
        http.request(get(`http://127.0.0.1:${port}/${status}`)),
        isCode('provider.badAnswer'),
        String(status),
      );
    }
  });

  it('J2: aborts at once, before and during a call', async () => {
    const server = createServer(() => undefined);
    servers.push(server);
    const base = `http://127.0.0.1:${await listening(server)}`;
    const stop = new AbortController();
    const sent = http.request(get(base, { signal: stop.signal }));
    await once(server, 'request');
    stop.abort();
    await assert.rejects(sent, isCode('cancelled'));
    await assert.rejects(http.request(get(base, { signal: stop.signal })), isCode('cancelled'));
  });

  it('P6: stops reading an answer that is too long, whatever its length says', async () => {
    const server = createServer((_req, res) => {
      const more = (): void => {
        while (res.write(Buffer.alloc(64 * 1024))) if (res.destroyed) return;
      };
      res.on('drain', more).on('error', () => undefined);
      more();
    });
    servers.push(server);
    const base = `http://127.0.0.1:${await listening(server)}`;
    await assert.rejects(http.request(get(base, { maxBytes: 100_000 })), isCode('image.tooLarge'));
  });

  it('R9: takes the proxy of the environment for https, past the exceptions', () => {
    const environment = proxyEnvironment({
      https_proxy: 'proxy.corp:3128',
      NO_PROXY: 'localhost, .internal.example',
    });
    assert.equal(proxyFor(new URL('https://api.example.com/'), environment)?.host, 'proxy.corp:3128');
    assert.equal(proxyFor(new URL('https://a.internal.example/'), environment), null);
    assert.equal(proxyFor(new URL('https://api.example.com/'), {}), null);
  });

  it('R9: a proxy that refuses pauses with a hint, and its password stays out of the message', async () => {
    const seen: string[] = [];
    const server = createServer();
    server.on('connect', (req, socket) => {
      seen.push(`${req.url ?? ''} ${req.headers['proxy-authorization'] ?? ''}`);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    servers.push(server);
    const port = await listening(server);
    const proxied = createHttp({ environment: { httpsProxy: `http://me:secretword@127.0.0.1:${port}` } });
    await assert.rejects(proxied.request(get('https://api.example.com/v1')), (error) => {
      assert.ok(isFactoryError(error, 'network.proxy') && error.notSent);
      assert.match(error.message, /407.*HTTPS_PROXY/);
      assert.doesNotMatch(error.message, /secretword/);
      return true;
    });
    assert.deepEqual(seen, [`api.example.com:443 Basic ${Buffer.from('me:secretword').toString('base64')}`]);
    proxied.close();
  });

  it('R9: a tunnel through the proxy reaches the service', async () => {
    // What stands behind the tunnel speaks no TLS: the greeting that arrives there is proof enough.
    const greeting = new Promise<number>((resolve) => {
      const target = createTcpServer((socket) => {
        socket.once('data', (data) => {
          resolve(data[0] ?? 0);
          socket.destroy();
        });
      });
      servers.push(target);
      void listening(target).then((targetPort) => {
        const proxy = createServer();
        proxy.on('connect', (_req, socket) => {
          const onward = connect(targetPort, '127.0.0.1', () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n');
            onward.pipe(socket).pipe(onward);
          });
          onward.on('error', () => socket.destroy());
          socket.on('error', () => onward.destroy());
        });
        servers.push(proxy);
        void listening(proxy).then((port) => {
          const proxied = createHttp({ environment: { httpsProxy: `http://127.0.0.1:${port}` } });
          proxied.request(get('https://api.example.com/')).catch((error: unknown) => {
            assert.ok(isCode('network.unreachable', true)(error) || isCode('network.proxy', true)(error));
            proxied.close();
          });
        });
      });
    });
    // 22: a TLS handshake.
    assert.equal(await greeting, 22);
  });
});

describe('Downloads', () => {
  const http = createHttp();
  afterEach(closeAll);
  after(() => http.close());
  const rules = (more: Partial<DownloadRules> = {}): DownloadRules => ({
    http,
    service: 'Runware',
    endpoint: 'https://api.runware.ai/v1',
    domain: 'runware.ai',
    redact: (text) => text,
    now: Date.now,
    ...more,
  });
  const blocked = (url: string, by: DownloadRules = rules()): Promise<void> =>
    assert.rejects(fetchImage(url, 'raster', by, contextOf()), isCode('image.blockedAddress'), url);

  it('P6: takes public addresses of the service over https only', async () => {
    for (const url of [
      'http://im.runware.ai/x.png',
      'https://im.runware.ai.evil.example/x.png',
      'https://evilrunware.ai/x.png',
      'https://key@im.runware.ai/x.png',
      'https://im.runware.ai:8443/x.png',
      'file:///etc/passwd',
      'data:image/png;base64,AAAA',
      'http://127.0.0.1/x.png',
      'http://localhost:8080/x.png',
      'not an address',
    ]) {
      await blocked(url);
    }
  });

  it('P6: takes no address inside a private network, as a name or as a number', async () => {
    const anywhere = rules({ domain: null });
    for (const url of [
      'https://169.254.169.254/latest/meta-data',
      'https://10.0.0.1/x.png',
      'https://2130706433/x.png',
      'https://0x7f.1/x.png',
      'https://[::ffff:10.0.0.1]/x.png',
      'https://[fd00::1]/x.png',
    ]) {
      await blocked(url, anywhere);
    }
    const lookup: LookupFunction = (_name, options, callback) => {
      if (options.all === true) callback(null, [{ address: '192.168.1.10', family: 4 }]);
      else callback(null, '192.168.1.10', 4);
    };
    const rebound = createHttp({ lookup });
    await blocked('https://pictures.example/x.png', { ...anywhere, http: rebound });
    rebound.close();
  });

  it('P6: knows private addresses in every notation', () => {
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '100.64.0.1',
      '172.31.0.1',
      '192.168.0.1',
      '169.254.169.254',
      '0.0.0.0',
      '224.0.0.1',
      '::1',
      '::',
      'fe80::1%eth0',
      'fc00::1',
      'ff02::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '::10.0.0.1',
      '::8.8.8.8',
      '::ffff:0:10.0.0.1',
      '5f00::1',
      '3fff::1',
      '3fff:fff::1',
      'name',
    ]) {
      assert.equal(isPrivateAddress(address), true, address);
    }
    for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8']) {
      assert.equal(isPrivateAddress(address), false, address);
    }
  });

  const url = async (made: Awaited<ReturnType<typeof bench>>): Promise<string> => {
    const result = await made.providers.image.generate(request(), made.context, accepted);
    const source = result.images[0]?.source;
    assert.ok(source?.kind === 'url');
    return source.url;
  };

  it('P6: follows no redirect into a private network', async () => {
    for (const to of [
      'https://169.254.169.254/',
      'http://10.0.0.1/',
      'file:///etc/passwd',
      'http://[',
      '//%',
    ]) {
      const made = await bench();
      await made.fake.script({ kind: 'download', do: 'redirect', to });
      await assert.rejects(
        made.providers.download(await url(made), 'raster', made.context),
        isCode('image.blockedAddress'),
      );
    }
  });

  it('P6: follows three redirects and no fourth', async () => {
    const made = await bench();
    const address = await url(made);
    await made.fake.script({ kind: 'download', do: 'redirect', to: address, times: 3 });
    assert.ok((await made.providers.download(address, 'raster', made.context)).length > 100);
    await made.fake.script({ kind: 'download', do: 'redirect', to: address, times: 4 });
    await assert.rejects(
      made.providers.download(address, 'raster', made.context),
      isCode('image.blockedAddress'),
    );
  });

  it('P6: stops an image that is larger than 64 MB, an SVG above 5 MB', async () => {
    const made = await bench();
    const address = await url(made);
    await made.fake.script({ kind: 'download', do: 'flood', bytes: 6 * 1024 * 1024 });
    await assert.rejects(made.providers.download(address, 'svg', made.context), isCode('image.tooLarge'));
    assert.equal((await made.providers.download(address, 'raster', made.context)).length, 6 * 1024 * 1024);
    await made.fake.script({ kind: 'download', do: 'flood', bytes: 65 * 1024 * 1024 });
    await assert.rejects(made.providers.download(address, 'raster', made.context), isCode('image.tooLarge'));
  });

  it('P6: an image whose time is over is named so, and the provider names a new address', async () => {
    const made = await bench({}, { downloadsPerAddress: 0 });
    const address = await url(made);
    await assert.rejects(made.providers.download(address, 'raster', made.context), isCode('notFound'));
  });

  it('P6: broken downloads may be tried again, and the signature of the address is in no message', async () => {
    const made = await bench();
    const address = await url(made);
    await made.fake.script(
      { kind: 'download', do: 'truncate', share: 0.5, times: 1 },
      { kind: 'download', do: 'status', status: 503, times: 1 },
    );
    for (let i = 0; i < 2; i++) {
      await assert.rejects(made.providers.download(address, 'raster', made.context), (error) => {
        assert.ok(
          isCode('network.unreachable')(error) || isCode('provider.unavailable')(error),
          String(error),
        );
        assert.doesNotMatch((error as Error).message, /SignedPart/);
        return true;
      });
    }
    assert.doesNotMatch(made.rows.join('\n'), /SignedPart/);
    assert.ok((await made.providers.download(address, 'raster', made.context)).length > 100);
  });
});
