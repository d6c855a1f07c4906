package dev.kimi.gateway.face;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.Executor;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** The client's socket: whether it takes more bytes, the thread of it, and its end. */
interface Writability {

    /** Whether bytes go on to the client rather than to a queue. Any thread. */
    boolean isWritable();

    /** Runs the task on the socket's thread, where all of this and the task below run. */
    Executor executor();

    /** The task to run when the socket takes bytes again. */
    void onWritable(Runnable task);

    /** Nothing more is written through this; the connection may serve the next request. */
    void release();

    /** Ends the connection, or the stream of it, in a way that no client takes for the end of the body. */
    Mono<Void> abort();

    static Writability of(ServerHttpResponse response) {
        HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
        Channel[] channel = new Channel[1];
        server.withConnection(connection -> channel[0] = connection.channel());
        return new OfChannel(channel[0]);
    }

    /** Of a channel of Netty. */
    final class OfChannel extends ChannelInboundHandlerAdapter implements Writability {

        private final Channel channel;
        private volatile Runnable task = () -> {};
        private boolean added;

        OfChannel(Channel channel) {
            this.channel = channel;
        }

        @Override
        public boolean isWritable() {
            return channel.isWritable();
        }

        @Override
        public Executor executor() {
            return channel.eventLoop();
        }

        @Override
        public void onWritable(Runnable what) {
            this.task = what;
            if (!added && channel.isActive()) {
                added = true;
                channel.pipeline().addFirst(this);
            }
        }

        @Override
        public void release() {
            task = () -> {};
            if (added) {
                added = false;
                if (channel.pipeline().context(this) != null) {
                    channel.pipeline().remove(this);
                }
            }
        }

        @Override
        public Mono<Void> abort() {
            return Mono.create(sink -> channel.close().addListener(closed -> sink.success()));
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (channel.isWritable()) {
                task.run();
            }
            context.fireChannelWritabilityChanged();
        }
    }
}
