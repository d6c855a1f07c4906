package dev.kimi.transport.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What those after a tunnel in the pipeline see of it. */
class TunnelTest {

    private static final Proxy PROXY = new Proxy(Proxy.Type.HTTP, "proxy.test", 3128, null, "kimi.transport.proxy");
    private static final Origin TARGET = new Origin(false, "service.test", 80);

    private final List<String> seen = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ChannelPromise opened = channel.newPromise();

    @Test
    void whoever_takes_over_sees_a_connect_and_all_that_is_not_of_the_proxy() {
        // as Vert.x does for HTTP on clear text: nothing that was there stays
        opened.addListener(done -> {
            for (String name : channel.pipeline().names()) {
                if (channel.pipeline().get(name) != null) {
                    channel.pipeline().remove(name);
                }
            }
            channel.pipeline().addLast(new Observer());
        });
        channel.pipeline().addFirst(new HttpTunnel(PROXY, TARGET, opened));
        channel.pipeline().fireChannelActive();
        assertThat(text(channel.readOutbound()))
                .isEqualTo("CONNECT service.test:80 HTTP/1.1\r\nhost: service.test:80\r\n\r\n");

        channel.writeInbound(bytes("HTTP/1.1 200 OK\r\n"));
        assertThat(opened.isDone()).isFalse();
        channel.writeInbound(bytes("\r\nrest"));

        channel.checkException();
        assertThat(opened.isSuccess()).isTrue();
        assertThat(seen).containsExactly("active", "rest");
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static String text(ByteBuf bytes) {
        try {
            return bytes.toString(StandardCharsets.US_ASCII);
        } finally {
            bytes.release();
        }
    }

    private final class Observer extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            seen.add("active");
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            seen.add(text((ByteBuf) message));
        }
    }
}
