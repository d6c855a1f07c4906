package dev.kimi.transport.vertx;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMessageDecoderResult;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.List;

/**
 * Reads the responses on a connection of HTTP/1.1 (RFC 9112), one to each request. Interim responses are skipped, up to
 * a limit. Bytes that belong to no request, and the end of TLS, close the connection as they come. Whatever is wrong
 * with a response is reported as an {@link InvalidResponseException}. Belongs to the connection's thread.
 */
final class Http1Decoder extends HttpResponseDecoder {

    /** Bytes of a status line, or of the line with the size of a chunk. */
    static final int MAX_LINE = 8192;
    /** Interim responses (1xx) to one request; more than a server sends that says "still working" for an hour. */
    static final int MAX_INTERIM = 256;

    static final String TOO_MANY = "More than " + MAX_INTERIM + " interim responses (1xx) came to one request.";

    private static final String NOT_HTTP = "The response is not valid HTTP/1.1; is kimi.base-url right?";

    private final HeaderLimit limit;
    /** A request has been written, or begun to be, and its response has not ended. */
    private boolean awaiting;

    private boolean toHead;
    private boolean unanswered = true;
    /** The connection broke, which is no end of a body. */
    private boolean torn;

    private int interim;
    private int interimBytes;

    /** @param limit that holds for one response, and for all its interim responses together */
    Http1Decoder(HeaderLimit limit) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE)
                .setMaxHeaderSize(limit.bytes())
                // a value that is repeated is no contradiction; others are rejected
                .setAllowDuplicateContentLengths(true)
                // chunked counts, whatever stands beside it; the connection is not used again
                .setUseRfc9112TransferEncoding(false));
        this.limit = limit;
    }

    /** A request is about to be written. */
    void expect(HttpMethod method) {
        awaiting = true;
        toHead = method.equals(HttpMethod.HEAD);
        unanswered = true;
        interim = 0;
        interimBytes = 0;
    }

    boolean isUnanswered() {
        return unanswered;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        unanswered = false;
        super.channelRead(context, message);
        if (!awaiting && actualReadableBytes() > 0) {
            // whatever it is, the next request must not take it for its response
            Channels.cut(context.channel());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
        torn = true;
        super.exceptionCaught(context, cause);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        super.userEventTriggered(context, event);
        if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
            // no response can come any more, and none is to be waited for until the peer closes the socket too
            Channels.cut(context.channel());
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        if (!awaiting) {
            return;
        }
        int begin = out.size();
        super.decode(context, in, out);
        if (out.size() > begin) {
            check(out, begin);
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        int begin = out.size();
        super.decodeLast(context, in, out);
        if (out.size() > begin && isNoEnd((HttpObject) out.get(out.size() - 1))) {
            out.remove(out.size() - 1);
        }
        awaiting = false;
    }

    /** What Netty makes of the end of the connection, where that is all there is to say. */
    private boolean isNoEnd(HttpObject message) {
        return message.decoderResult().cause() instanceof PrematureChannelClosureException
                || (torn && message instanceof LastHttpContent);
    }

    private void check(List<Object> out, int begin) {
        HttpObject first = (HttpObject) out.get(begin);
        if (first.decoderResult().isFailure()) {
            fail(first, words(first, first.decoderResult().cause()));
        } else if (first instanceof HttpResponse response) {
            checkHead(response);
            if (isInterim(response)) {
                boolean spoilt = response.decoderResult().isFailure();
                // one that is too much stays, since it says what is wrong
                while (out.size() > begin + (spoilt ? 1 : 0)) {
                    out.remove(out.size() - 1);
                }
                return;
            }
        }
        if (out.get(out.size() - 1) instanceof LastHttpContent) {
            awaiting = false;
        }
    }

    private void checkHead(HttpResponse response) {
        HttpVersion version = response.protocolVersion();
        int status = response.status().code();
        if (!(version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0))
                || status < 100
                || status > 999) {
            fail(response, NOT_HTTP);
        } else if (status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
            fail(response, "The service switched to another protocol (status 101), which it was not asked to.");
        } else if (isInterim(response)) {
            interim++;
            interimBytes += ((HttpMessageDecoderResult) response.decoderResult()).totalSize();
            if (interim > MAX_INTERIM) {
                fail(response, TOO_MANY);
            } else if (interimBytes > limit.bytes()) {
                fail(response, limit.exceededBy("interim responses (1xx) to one request"));
            }
        } else if (response.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                && (response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                        || version.equals(HttpVersion.HTTP_1_0))) {
            HttpUtil.setKeepAlive(response, false);
        }
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        super.handleTransferEncodingChunkedWithContentLength(message);
        HttpUtil.setKeepAlive(message, false);
    }

    private static boolean isInterim(HttpResponse response) {
        return response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return isInterim((HttpResponse) message) || toHead || super.isContentAlwaysEmpty(message);
    }

    @Override
    protected boolean isSwitchingToNonHttp1Protocol(HttpResponse response) {
        return false;
    }

    private void fail(HttpObject message, String words) {
        message.setDecoderResult(DecoderResult.failure(new InvalidResponseException(words)));
        awaiting = false;
    }

    private String words(HttpObject message, Throwable cause) {
        if (cause instanceof TooLongHttpHeaderException) {
            return limit.exceededBy("headers or trailers of the response");
        }
        if (cause instanceof TooLongHttpLineException) {
            return "The status line of the response, or the size of a chunk, is longer than " + MAX_LINE + " bytes.";
        }
        if (message instanceof HttpResponse response
                && response.headers().getAll(HttpHeaderNames.CONTENT_LENGTH).size() > 1) {
            return "The response has several values of Content-Length that contradict each other.";
        }
        return NOT_HTTP;
    }
}
