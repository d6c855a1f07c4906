package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.CardRules;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.ModelListReader;
import dev.kimi.internal.protocol.ModelPage;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.StreamBytes;
import dev.kimi.internal.protocol.TokenCountReader;
import dev.kimi.internal.protocol.TokenEstimate;
import dev.kimi.internal.protocol.ToolSchemas;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.Headers;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Messages, as Anthropic made them and Kimi's {@code /anthropic} face speaks them. Thread-safe. */
public final class MessagesProtocol implements Protocol {

    /** The newest version of the API that this library knows. */
    public static final String LATEST_VERSION = "2026-10-21";

    /** The version that all services know which speak the protocol. */
    public static final String OLD_VERSION = "2023-06-01";

    /** Without it the service takes nothing that is said of the binding of thinking, and tells nothing of it. */
    private static final String BINDING_CONTROLS = "thinking-binding-controls-2026-08-01";

    /** The most that the service gives at a time. */
    private static final int MODELS_PER_PAGE = 1000;

    private static final TokenCountReader COUNT = TokenCountReader.at("input_tokens");
    private static final String BETA = "anthropic-beta";
    private final List<String> betas;
    private final ApiVersion usual;
    /** Versions that cards name, which are few. */
    private final Map<String, ApiVersion> others = new ConcurrentHashMap<>(0);

    private final Mismatch mismatch;
    private final ToolSchemas schemas;

    /** What is done about thinking that is bound to other turns than stand before it. */
    public enum Mismatch {
        /** Nothing: the service rejects the request. */
        ERROR,
        /** The service is asked to drop it. */
        DROP_BLOCK,
        /** Once the service has rejected the request, it is written without it. */
        REPAIR
    }

    /** Without beta features; see {@link #MessagesProtocol(String, List, Mismatch, ToolSchemas)}. */
    public MessagesProtocol(String version) {
        this(version, List.of(), Mismatch.ERROR, ToolSchemas.AS_IS);
    }

    /**
     * A version of the protocol.
     *
     * @param version of the API, such as {@link #LATEST_VERSION}; sent with each request for a model whose card names
     *     no other
     * @param betas names of beta features, sent with each request in this order
     * @param mismatch what is done about thinking that does not fit
     * @param schemas how schemas of tools are written
     */
    public MessagesProtocol(String version, List<String> betas, Mismatch mismatch, ToolSchemas schemas) {
        this.betas = List.copyOf(betas);
        this.usual = new ApiVersion(version, betas);
        this.mismatch = mismatch;
        this.schemas = schemas;
    }

    /** What a version asks of requests. */
    private static final class ApiVersion {
        final Headers any;
        final Headers chat;
        final Headers chatWithBinding;
        final @Nullable VersionRules rules;

        ApiVersion(String version, List<String> betas) {
            Set<String> withBinding = new LinkedHashSet<>(betas);
            withBinding.add(BINDING_CONTROLS);
            this.any = headers(version, betas).build();
            this.chat = headers(version, betas).addAll(EncodedChat.JSON).build();
            this.chatWithBinding =
                    headers(version, withBinding).addAll(EncodedChat.JSON).build();
            this.rules = VersionRules.of(version);
        }

        private static Headers.Builder headers(String version, Collection<String> betas) {
            Headers.Builder headers = Headers.builder().add("anthropic-version", version);
            return betas.isEmpty() ? headers : headers.add(BETA, String.join(",", betas));
        }
    }

    /** That of the model's card, or the client's. */
    private ApiVersion versionFor(EncodeTarget target) {
        Object named = target.card().facts().get(ModelCard.Fact.API_VERSION);
        return named == null ? usual : others.computeIfAbsent(named.toString(), name -> new ApiVersion(name, betas));
    }

    @Override
    public String name() {
        return Provenance.ANTHROPIC;
    }

    @Override
    public String chatPath() {
        return "/v1/messages";
    }

    @Override
    public String countPath() {
        return "/v1/messages/count_tokens";
    }

    @Override
    public String modelsPath(@Nullable String after) {
        String all = "/v1/models?limit=" + MODELS_PER_PAGE;
        return after == null ? all : all + "&after_id=" + URLEncoder.encode(after, StandardCharsets.UTF_8);
    }

    @Override
    public Headers fixedHeaders() {
        return usual.any;
    }

    @Override
    public Headers fixedHeadersWith(Map<String, String> callers) {
        String own = usual.any.first(BETA);
        String others = callers.get(BETA);
        if (own == null || others == null) {
            return Protocol.super.fixedHeadersWith(callers);
        }
        Set<String> betas = new LinkedHashSet<>(List.of(own.split(",")));
        Stream.of(others.split(","))
                .map(String::strip)
                .filter(beta -> !beta.isEmpty())
                .forEach(betas::add);
        Map<String, String> both = new LinkedHashMap<>(callers);
        both.put(BETA, String.join(",", betas));
        return Protocol.super.fixedHeadersWith(both);
    }

    @Override
    public EncodedChat encode(ChatRequest request, EncodeTarget target) {
        ApiVersion version = versionFor(target);
        if (version.rules != null) {
            version.rules.check(request, target);
        }
        CardRules.check(request, target);
        EarlierThinking earlier = mismatch == Mismatch.DROP_BLOCK ? EarlierThinking.DROPPED : EarlierThinking.AS_IT_IS;
        return written(version, new MessagesRequestWriter(request, target, schemas, earlier));
    }

    private static EncodedChat written(ApiVersion version, MessagesRequestWriter writer) {
        byte[] body = writer.write();
        Headers headers = writer.thinking().saysBinding() ? version.chatWithBinding : version.chat;
        return new EncodedChat(headers, body, writer.omissions().notes());
    }

    @Override
    public @Nullable EncodedChat encodeAgain(ChatRequest request, EncodeTarget target, KimiException rejection) {
        if (mismatch != Mismatch.REPAIR
                || !(rejection instanceof InvalidRequestException invalid)
                || invalid.reason() != InvalidRequestException.Reason.REASONING_MISMATCH) {
            return null;
        }
        MessagesRequestWriter dropping = new MessagesRequestWriter(request, target, schemas, EarlierThinking.DROPPED);
        if (dropping.thinking().isDecided()) {
            return null;
        }
        if (dropping.thinking().drops()) {
            dropping.omissions().repaired();
            return written(versionFor(target), dropping);
        }
        MessagesRequestWriter without = new MessagesRequestWriter(request, target, schemas, EarlierThinking.LEFT_OUT);
        EncodedChat written = written(versionFor(target), without);
        return without.omissions().hasMismatch() ? written : null;
    }

    @Override
    public long inputTokens(ChatRequest request) {
        return TokenEstimate.prompt(request);
    }

    @Override
    public long outputCap(ChatRequest request, ModelCard card) {
        return MessagesRequestWriter.cap(request, card);
    }

    @Override
    public ChatResponse decode(Headers headers, ByteBuffer body, ErrorContext context) {
        ByteBuffer json = StreamBytes.json(body);
        ChatResponse whole = json == null ? null : WholeMessage.response(headers, json);
        return whole == null ? new MessagesStreamDecoder(headers).readAll(body, context) : whole;
    }

    @Override
    public ModelPage decodeModels(ByteBuffer body, ErrorContext context) {
        return ModelListReader.read(body, context);
    }

    @Override
    public long decodeCount(ByteBuffer body, ErrorContext context) {
        return COUNT.read(body, context);
    }

    @Override
    public ChatStreamDecoder decoder(Headers headers) {
        return new MessagesStreamDecoder(headers);
    }
}
