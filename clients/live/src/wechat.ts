/** The socket of a WeChat mini-program, as far as it is used here. */
export interface SocketTask {
  send(message: { data: string; fail?: (error: unknown) => void }): void;
  close(reason: { code?: number; reason?: string }): void;
  onOpen(listener: () => void): void;
  onMessage(listener: (message: { data: string | ArrayBuffer }) => void): void;
  onClose(listener: (close: { code: number; reason: string }) => void): void;
  onError(listener: (error: { errMsg: string }) => void): void;
}

/** `wx`, or `Taro`, or any other object that connects sockets the same way. */
export interface Connects {
  connectSocket(options: { url: string; protocols?: string[]; fail?: (error: unknown) => void }): SocketTask;
}

/**
 * A WebSocket for `createLive({ webSocketImpl: wechatSocket(wx) })`. A mini-program has five sockets at most and loses them
 * a few seconds after it goes to the background: one socket carries everything, and resuming is the normal case.
 */
export function wechatSocket(wx: Connects): unknown {
  return class WechatSocket {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;

    readyState: number = WechatSocket.CONNECTING;
    protocol = "";
    onopen: (() => void) | null = null;
    onmessage: ((message: { data: string | ArrayBuffer }) => void) | null = null;
    onclose: ((close: { code: number; reason: string; wasClean: boolean }) => void) | null = null;
    onerror: ((error: unknown) => void) | null = null;
    readonly #task: SocketTask;

    constructor(
      readonly url: string,
      protocols: string | string[] = [],
    ) {
      const offered = typeof protocols === "string" ? [protocols] : protocols;
      this.#task = wx.connectSocket({ url, protocols: offered, fail: (error) => this.#fail(error) });
      this.#task.onOpen(() => {
        if (this.readyState !== WechatSocket.CONNECTING) return;
        this.readyState = WechatSocket.OPEN;
        // WeChat does not say which subprotocol was agreed; the server closes with 4406 when it was none of ours.
        this.protocol = offered[0] ?? "";
        this.onopen?.();
      });
      this.#task.onMessage((message) => this.onmessage?.(message));
      this.#task.onClose(({ code, reason }) => this.#closed(code, reason));
      this.#task.onError((error) => this.#fail(error));
    }

    send(data: string): void {
      this.#task.send({ data, fail: (error) => this.#fail(error) });
    }

    close(code = 1000, reason = ""): void {
      if (this.readyState >= WechatSocket.CLOSING) return;
      this.readyState = WechatSocket.CLOSING;
      this.#task.close({ code, reason });
    }

    #fail(error: unknown): void {
      if (this.readyState === WechatSocket.CLOSED) return;
      this.onerror?.(error);
      // WeChat reports some failures without a close.
      this.#closed(1006, "");
    }

    #closed(code: number, reason: string): void {
      if (this.readyState === WechatSocket.CLOSED) return;
      this.readyState = WechatSocket.CLOSED;
      this.onclose?.({ code, reason, wasClean: code === 1000 });
    }
  };
}
