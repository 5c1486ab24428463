import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/** A server that speaks MongoDB's protocol, keeps its data in memory and prints its address: for tests only. */
public class Main {
    public static void main(String[] args) throws InterruptedException {
        ServerVersion[] versions = ServerVersion.values();
        MongoServer server = new MongoServer(new MemoryBackend().version(versions[versions.length - 1]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println(server.bindAndGetConnectionString());
        Thread.currentThread().join();
    }
}
