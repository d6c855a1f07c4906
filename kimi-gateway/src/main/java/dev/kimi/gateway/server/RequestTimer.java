package dev.kimi.gateway.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection whose next request takes too long to come: its head once it has begun, and the first one after
 * connecting. An HTTP/2 connection is closed when it has had no stream for the idle time, whatever frames come on it.
 * Used by the connection's event loop only.
 */
final class RequestTimer extends ChannelInboundHandlerAdapter {

    private static final ByteBuf TIMED_OUT = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
                    "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
                    StandardCharsets.US_ASCII)
            .asReadOnly());

    private final Duration head;
    private final Duration idle;
    private final ServerCounters counters;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Future<?> timer;
    private int requests;

    RequestTimer(Duration head, Duration idle, ServerCounters counters) {
        this.head = head;
        this.idle = idle;
        this.counters = counters;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start(ctx, head);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (requests == 0 && timer == null) {
            start(ctx, head);
        }
        ctx.fireChannelRead(msg);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stop();
        ctx.fireChannelInactive();
    }

    /** The head of a request is complete. */
    void received() {
        requests++;
        stop();
    }

    /** The response has ended. */
    void ended() {
        requests--;
        ChannelHandlerContext ctx = context;
        if (requests == 0 && ctx != null && isHttp2(ctx) && ctx.channel().isActive()) {
            start(ctx, idle);
        }
    }

    /** Says that no more requests are welcome; those that there are go on. Does nothing for HTTP/1.1. */
    void goAway() {
        ChannelHandlerContext ctx = context;
        if (ctx != null && isHttp2(ctx)) {
            ctx.channel()
                    .writeAndFlush(
                            new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
        }
    }

    private void start(ChannelHandlerContext ctx, Duration time) {
        timer = ctx.executor().schedule(() -> close(ctx), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void close(ChannelHandlerContext ctx) {
        if (isHttp2(ctx)) {
            counters.closed(ServerCounters.Closed.IDLE);
            goAway();
            ctx.channel().close();
            return;
        }
        counters.closed(ServerCounters.Closed.SLOW_HEAD);
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (tls != null && !tls.handshakeFuture().isSuccess()) {
            ctx.close();
        } else {
            ctx.writeAndFlush(TIMED_OUT.duplicate()).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static boolean isHttp2(ChannelHandlerContext ctx) {
        return ctx.pipeline().get(Http2FrameCodec.class) != null
                || ctx.pipeline().get(Http2MultiplexHandler.class) != null;
    }
}
