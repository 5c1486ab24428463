declare module "moleculer-prometheus" {
  interface Definition {
    type: "Gauge" | "Counter" | "Histogram";
    help: string;
    labelNames?: string[];
  }
  const schema: {
    settings: { metrics: Record<string, Definition | null> };
    methods: {
      createMetrics(definitions: Record<string, Definition | null>): void;
      updateCommonValues(): Promise<void> | undefined;
    };
  };
  export default schema;
}
