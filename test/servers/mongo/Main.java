import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/** A server that speaks MongoDB's protocol, keeps its data in memory and prints its address (or takes the one that is given): for tests only. */
public class Main {
    public static void main(String[] args) throws InterruptedException {
        ServerVersion[] versions = ServerVersion.values();
        MongoServer server = new MongoServer(new MemoryBackend().version(versions[versions.length - 1]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        if (args.length == 2) server.bind(args[0], Integer.parseInt(args[1]));
        else System.out.println(server.bindAndGetConnectionString());
        Thread.currentThread().join();
    }
}
