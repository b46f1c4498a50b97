/** A proxy through which everything of one connection goes: its WebSocket, uploads, downloads. */
export interface ProxyRoute {
  /** `https`: HTTP CONNECT inside TLS. `socks5`: names are resolved by the proxy. */
  protocol: 'http' | 'https' | 'socks5';
  /** As people gave it; for TLS and for messages. */
  host: string;
  port: number;
  user?: string;
  password?: string;
  /**
   * The address to dial, asked before each connection: the answer was allowed just now. Rejects when none is.
   */
  address(): Promise<string>;
}
