declare module "autocannon" {
  interface Result {
    requests: { average: number; total: number };
    /** Milliseconds. */
    latency: { p99: number };
    non2xx: number;
    errors: number;
  }
  /** @param options.duration seconds */
  export default function autocannon(options: {
    url: string;
    connections: number;
    duration: number;
    /** Called for each connection before its first request. */
    setupClient?: (client: { setRequests(requests: { method: "GET"; path: string }[]): void }) => void;
  }): Promise<Result>;
}
