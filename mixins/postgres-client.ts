import pg from "pg";

/** Sends what does not wait for an answer together with what follows; Sequelize hands no such option on. */
class PipelinedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super({ ...(typeof config === "string" ? { connectionString: config } : config), pipeline: true });
  }
}

/** The driver as Sequelize loads it. */
export const postgresDriver = { ...pg, Client: PipelinedClient };
