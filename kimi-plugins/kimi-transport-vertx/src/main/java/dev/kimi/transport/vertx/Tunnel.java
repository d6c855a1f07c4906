package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Opens the way through a proxy, on a socket that connects to it. All that comes after it in the pipeline sees nothing
 * of that, neither the connect nor a byte, until the way is open; then the socket is like one that has just connected
 * to the target. The name of the target goes to the proxy as it is.
 */
abstract class Tunnel extends ByteToMessageDecoder {

    private final ChannelPromise opened;
    final Proxy proxy;
    final Origin target;
    private boolean over;

    /** @param opened what whoever connects waits for */
    Tunnel(Proxy proxy, Origin target, ChannelPromise opened) {
        this.proxy = proxy;
        this.target = target;
        this.opened = opened;
    }

    /** What is said to the proxy first. */
    abstract ByteBuf begin(ChannelHandlerContext context);

    /**
     * Reads what has come, and writes what follows from it.
     *
     * @return whether the way is open; what is unread then is the target's
     */
    abstract boolean read(ChannelHandlerContext context, ByteBuf received) throws ProxyException;

    /** Passes the socket's connect on as that to the proxy. */
    final ChannelPromise connecting(ChannelPromise toProxy) {
        toProxy.addListener(done -> {
            if (!done.isSuccess()) {
                over = true;
                opened.tryFailure(unreachable(done.cause()));
            }
        });
        return toProxy;
    }

    private ProxyException unreachable(Throwable cause) {
        boolean late = cause instanceof ConnectTimeoutException;
        return new ProxyException(
                late ? Kind.CONNECT_TIMEOUT : Kind.CONNECT,
                "The proxy " + proxy + (late ? " did not accept the connection in time." : " cannot be reached.")
                        + " Check " + proxy.setting("url") + " and the network.",
                cause);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(begin(context));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf received, List<Object> out) {
        if (over) {
            received.skipBytes(received.readableBytes());
            return;
        }
        try {
            if (read(context, received)) {
                open(context, received);
            }
        } catch (ProxyException e) {
            received.skipBytes(received.readableBytes());
            fail(context, e);
        }
    }

    /** Leaves the pipeline first: whoever waits for the way to be open takes that over. */
    private void open(ChannelHandlerContext context, ByteBuf received) {
        over = true;
        ByteBuf rest = received.readBytes(received.readableBytes());
        ChannelPipeline pipeline = context.pipeline();
        pipeline.remove(this);
        opened.trySuccess();
        pipeline.fireChannelActive();
        if (rest.isReadable()) {
            pipeline.fireChannelRead(rest);
        } else {
            rest.release();
        }
    }

    /** Not passed on, since nobody after it knows of a connection. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ByteBuf rest = internalBuffer();
        rest.skipBytes(rest.readableBytes());
        fail(
                context,
                ProxyException.passing(
                        "The proxy " + proxy + " closed the connection before the way to " + target + " was open.",
                        null));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(
                context,
                ProxyException.passing(
                        "The connection to the proxy " + proxy + " broke before the way to " + target + " was open.",
                        cause));
    }

    private void fail(ChannelHandlerContext context, ProxyException failure) {
        if (!over) {
            over = true;
            opened.tryFailure(failure);
            context.close();
        }
    }

    final ProxyException loginMissing(String said) {
        return ProxyException.permanent("The proxy " + proxy + " requires a user name and a password (" + said
                + "). Set " + proxy.setting("username") + " and " + proxy.setting("password") + ".");
    }

    final ProxyException loginRejected(String said) {
        return ProxyException.permanent("The proxy " + proxy + " rejected the user name or the password (" + said
                + "). Check " + proxy.setting("username") + " and " + proxy.setting("password") + ".");
    }

    final ProxyException targetRejected(String said) {
        return ProxyException.permanent("The proxy " + proxy + " does not allow connections to " + target + " (" + said
                + "). Allow them there, or connect directly by " + proxy.setting("no-proxy") + ".");
    }

    final ProxyException targetUnreachable(String said) {
        return ProxyException.passing(
                "The proxy " + proxy + " could not connect to " + target + " (" + said
                        + "). Check the address of the service and the proxy's network.",
                null);
    }

    final ProxyException notSpoken(String protocol) {
        return ProxyException.permanent("What listens at " + proxy + " does not respond as a proxy of " + protocol
                + ". Check " + proxy.setting("url") + ".");
    }
}
