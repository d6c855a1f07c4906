package dev.kimi.gateway.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection, or a stream of HTTP/2, of which the client reads nothing although something waits for it. Looks
 * only while something waits, which costs a comparison per flush otherwise. Used by the channel's event loop only.
 */
final class StalledReader extends ChannelDuplexHandler {

    /** What Netty counts for a frame of HTTP/2 beside its data. */
    private static final int FRAME_HEADER = 9;

    private final Duration limit;
    private final ServerCounters counters;
    private long written;
    private long mostDrained;
    private boolean watching;
    private boolean becameWritable;

    StalledReader(Duration limit, ServerCounters counters) {
        this.limit = limit;
        this.counters = counters;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (msg instanceof ByteBuf bytes) {
            written += bytes.readableBytes();
        } else if (msg instanceof Http2DataFrame frame) {
            written += frame.initialFlowControlledBytes() + FRAME_HEADER;
        } else {
            written += FRAME_HEADER;
        }
        ctx.write(msg, promise);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ctx.flush();
        if (!watching && pending(ctx.channel()) > 0) {
            watch(ctx);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        becameWritable |= ctx.channel().isWritable();
        ctx.fireChannelWritabilityChanged();
    }

    private void watch(ChannelHandlerContext ctx) {
        watching = true;
        becameWritable = false;
        mostDrained = Math.max(mostDrained, written - pending(ctx.channel()));
        ctx.executor().schedule(() -> look(ctx), limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void look(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        watching = false;
        long pending = pending(channel);
        if (!channel.isActive() || pending == 0) {
            return;
        }
        if (becameWritable || moved(channel, pending)) {
            watch(ctx);
            return;
        }
        counters.closed(ServerCounters.Closed.STALLED_READER);
        ctx.close();
    }

    /** How much waits in a stream of HTTP/2 is known only while it is writable. */
    private boolean moved(Channel channel, long pending) {
        return (channel.isWritable() || !(channel instanceof Http2StreamChannel)) && written - pending > mostDrained;
    }

    private static long pending(Channel channel) {
        if (channel instanceof Http2StreamChannel) {
            return channel.config().getWriteBufferHighWaterMark() + 1L - channel.bytesBeforeUnwritable();
        }
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }
}
