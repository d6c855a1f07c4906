package dev.kimi.transport.vertx;

import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.nio.ByteBuffer;

/**
 * Calls handlers, which are foreign code: one that throws must not leave a pool half changed. The first two return
 * whether the handler returned normally.
 */
final class Callbacks {

    private static final System.Logger LOG = System.getLogger("dev.kimi.connections");

    private Callbacks() {}

    static boolean headers(ExchangeHandler handler, int status, Headers headers) {
        try {
            handler.onHeaders(status, headers);
            return true;
        } catch (RuntimeException | Error e) {
            return thrown(e);
        }
    }

    static boolean body(ExchangeHandler handler, ByteBuffer chunk) {
        try {
            handler.onBody(chunk);
            return true;
        } catch (RuntimeException | Error e) {
            return thrown(e);
        }
    }

    static void complete(ExchangeHandler handler, Headers trailers) {
        try {
            handler.onComplete(trailers);
        } catch (RuntimeException | Error e) {
            thrown(e);
        }
    }

    static void failure(ExchangeHandler handler, TransportFailure failure) {
        try {
            handler.onFailure(failure);
        } catch (RuntimeException | Error e) {
            thrown(e);
        }
    }

    private static boolean thrown(Throwable e) {
        LOG.log(
                System.Logger.Level.ERROR,
                "A transport handler threw, which it must not; its exchange is cancelled",
                e);
        return false;
    }
}
