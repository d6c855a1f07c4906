package dev.kimi.transport.vertx;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;

/**
 * HTTP/1.1 on one connection, in the place of the codec that Vert.x brings: that one takes an interim response that it
 * does not know for the final one, rejects what RFC 9112 lets pass, and keeps what comes unasked for the next response.
 * Belongs to the connection's thread.
 */
final class Http1Codec extends CombinedChannelDuplexHandler<Http1Decoder, HttpRequestEncoder> {

    /** As Vert.x calls it. */
    private static final String NAME = "codec";

    private Http1Codec(Http1Decoder decoder) {
        super(decoder, new HttpRequestEncoder());
    }

    /** Takes the connection over, which must speak HTTP/1.1 and have sent no request yet. */
    static Http1Codec on(Channel channel, HeaderLimit limit) {
        Http1Codec codec = new Http1Codec(new Http1Decoder(limit));
        channel.pipeline().replace(NAME, NAME, codec);
        return codec;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof HttpRequest request) {
            inboundHandler().expect(request.method());
        }
        super.write(context, message, promise);
    }

    /** Whether no byte has come since the last request began to be written. */
    boolean isUnanswered() {
        return inboundHandler().isUnanswered();
    }
}
