package dev.kimi.sim;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.ModelPage;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The real protocol, but for what is sent: a request body is only the number of its call, which is the text of the
 * request, and so are the tokens booked, so that transport and quota know who they work for.
 */
final class SimProtocol implements Protocol {

    static final int TOKENS = 1_000;
    /** Of so many requests one is known to be rejected, where any is. */
    static final int REJECTED = 3;
    /** The model of requests that name none. */
    static final String MODEL = "kimi-k3";

    private final Protocol real;
    private final boolean rejects;
    private final boolean whole;

    /**
     * @param rejects true for a service that is known to reject one request in three
     * @param whole whether the request itself follows the number of its call
     */
    SimProtocol(Dialect dialect, boolean rejects, boolean whole) {
        this.real = dialect.protocol;
        this.whole = whole;
        this.rejects = rejects;
    }

    static int number(byte[] body) {
        return ByteBuffer.wrap(body).getInt();
    }

    private static int number(ChatRequest request) {
        return Integer.parseInt(request.messages().get(0).text());
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public EncodedChat encode(ChatRequest request, EncodeTarget target) {
        if (rejects && number(request) % REJECTED == 0) {
            throw new InvalidRequestException("not here", KimiException.Details.NONE, null, null);
        }
        EncodedChat written = whole ? real.encode(request, target) : null;
        byte[] rest = written == null ? new byte[0] : written.body();
        return new EncodedChat(
                EncodedChat.JSON,
                ByteBuffer.allocate(Integer.BYTES + rest.length)
                        .putInt(number(request))
                        .put(rest)
                        .array(),
                written == null ? List.of() : written.notes());
    }

    @Override
    public long inputTokens(ChatRequest request) {
        return number(request);
    }

    @Override
    public long outputCap(ChatRequest request, ModelCard card) {
        return TOKENS;
    }

    @Override
    public String chatPath() {
        return real.chatPath();
    }

    @Override
    public String countPath() {
        return real.countPath();
    }

    @Override
    public String modelsPath(@Nullable String after) {
        return real.modelsPath(after);
    }

    @Override
    public Headers fixedHeaders() {
        return real.fixedHeaders();
    }

    @Override
    public ChatResponse decode(Headers headers, ByteBuffer body, ErrorContext context) {
        return real.decode(headers, body, context);
    }

    @Override
    public ModelPage decodeModels(ByteBuffer body, ErrorContext context) {
        return real.decodeModels(body, context);
    }

    @Override
    public long decodeCount(ByteBuffer body, ErrorContext context) {
        return real.decodeCount(body, context);
    }

    @Override
    public ChatStreamDecoder decoder(Headers headers) {
        return real.decoder(headers);
    }

    @Override
    public KimiException error(int status, Headers headers, ByteBuffer body, ErrorContext context) {
        return real.error(status, headers, body, context);
    }
}
