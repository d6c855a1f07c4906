package dev.kimi.samples.benchmark;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A service that takes the beginning of every request and reads no further, so that a request larger than all buffers
 * in between stays half sent. Over HTTP/2 the window of each stream holds it there, over HTTP/1.1 the socket.
 */
final class NonReadingService implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    /** Small, so that the system does not let it grow. */
    private static final int SOCKET_BUFFER = 64 << 10;
    /** More than the two sockets of a connection over loopback take. */
    private static final int MORE_THAN_SOCKETS = 8 << 20;
    /** Twice the window of a stream. */
    private static final int MORE_THAN_WINDOW = 128 << 10;

    private static final int CONNECTION_WINDOW = 16 << 20;

    /** Requests that came in whole, which none should. */
    final AtomicLong whole = new AtomicLong();

    private final AtomicInteger open = new AtomicInteger();
    private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setUseDaemonThread(true));
    private final int requestSize;
    private final int port;

    NonReadingService(String http) {
        this.requestSize = http.equals("h2") ? MORE_THAN_WINDOW : MORE_THAN_SOCKETS;
        this.port = http.equals("h2") ? listenHttp2() : listenHttp1();
    }

    private int listenHttp1() {
        return vertx.createNetServer(
                        new NetServerOptions().setHost(HOST).setPort(0).setReceiveBufferSize(SOCKET_BUFFER))
                .connectHandler(this::accepted)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private void accepted(NetSocket socket) {
        long[] read = new long[1];
        socket.handler(bytes -> {
            if (read[0] == 0) {
                socket.pause();
                sockets.add(socket);
                open.incrementAndGet();
            }
            read[0] += bytes.length();
        });
        socket.exceptionHandler(reset -> {
            // as good an end as a close, which follows
        });
        socket.closeHandler(closed -> {
            if (read[0] >= requestSize) {
                whole.incrementAndGet();
            }
            if (sockets.remove(socket)) {
                open.decrementAndGet();
            }
        });
    }

    private int listenHttp2() {
        return vertx.createHttpServer(new HttpServerOptions()
                        .setHost(HOST)
                        .setPort(0)
                        .setHttp2ClearTextEnabled(true)
                        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                        .setHttp2RstFloodMaxRstFramePerWindow(0))
                .connectionHandler(connection -> {
                    connections.add(connection);
                    connection.closeHandler(closed -> connections.remove(connection));
                })
                .requestHandler(this::begun)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private void begun(HttpServerRequest request) {
        open.incrementAndGet();
        request.pause();
        request.endHandler(end -> whole.incrementAndGet());
        request.response().exceptionHandler(reset -> {
            // reported as a close, too
        });
        request.response().closeHandler(closed -> open.decrementAndGet());
    }

    String baseUrl() {
        return "http://" + HOST + ":" + port;
    }

    /** Bytes of a request that are enough to get stuck. */
    int requestSize() {
        return requestSize;
    }

    /** How many requests to send here for one that goes elsewhere: what fills sockets takes its time. */
    double share() {
        return requestSize == MORE_THAN_SOCKETS ? 0.1 : 1;
    }

    /** Requests that have begun and were not seen to break off. */
    int openRequests() {
        return open.get();
    }

    int openConnections() {
        return sockets.size() + connections.size();
    }

    /** Reads what the sockets hold, without which the end of a connection does not show. */
    void hear() {
        sockets.forEach(NetSocket::resume);
    }

    void disconnectAll() {
        connections.forEach(HttpConnection::close);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
