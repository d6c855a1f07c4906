package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.protocol.CardRules;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.ModelListReader;
import dev.kimi.internal.protocol.ModelPage;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.StreamBytes;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.protocol.TokenCountReader;
import dev.kimi.internal.protocol.TokenEstimate;
import dev.kimi.internal.protocol.ToolSchemas;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chat completions as OpenAI made them and Kimi and many others speak them. Thread-safe. */
public final class OpenAiProtocol implements Protocol {

    private static final TokenCountReader COUNT = TokenCountReader.at("data", "total_tokens");

    private final ToolSchemas schemas;

    /** With schemas of tools as they are. */
    public OpenAiProtocol() {
        this(ToolSchemas.AS_IS);
    }

    public OpenAiProtocol(ToolSchemas schemas) {
        this.schemas = schemas;
    }

    @Override
    public String name() {
        return Provenance.OPENAI;
    }

    @Override
    public String chatPath() {
        return "/v1/chat/completions";
    }

    @Override
    public String countPath() {
        return "/v1/tokenizers/estimate-token-count";
    }

    /** Nobody gives the list in pages. */
    @Override
    public String modelsPath(@Nullable String after) {
        return "/v1/models";
    }

    @Override
    public Headers fixedHeaders() {
        return Headers.empty();
    }

    @Override
    public EncodedChat encode(ChatRequest request, EncodeTarget target) {
        CardRules.check(request, target);
        return OpenAiRequestWriter.write(request, target, schemas);
    }

    @Override
    public long inputTokens(ChatRequest request) {
        return TokenEstimate.prompt(request);
    }

    @Override
    public long outputCap(ChatRequest request, ModelCard card) {
        int cap = request.maxCompletionTokens();
        return cap > 0 ? cap : card.count(ModelCard.Fact.OUTPUT_DEFAULT);
    }

    @Override
    public ChatResponse decode(Headers headers, ByteBuffer body, ErrorContext context) {
        try {
            ByteBuffer json = StreamBytes.json(body);
            WholeResponse whole = json == null ? null : WholeResponse.read(headers, json);
            if (whole == null) {
                return new OpenAiStreamDecoder(headers, SseLimits.DEFAULT, false).readAll(body, context);
            }
            whole.reader().end();
            return whole.assembly().response(headers);
        } catch (UnreadableResponse e) {
            throw e.toException(headers, context);
        } catch (JsonException e) {
            throw UnreadableResponse.of(e).toException(headers, context);
        } catch (StreamFailure e) {
            throw e.toException(context);
        }
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
        return decoder(headers, List.of());
    }

    @Override
    public ChatStreamDecoder decoder(Headers headers, List<Tool> tools) {
        return new OpenAiStreamDecoder(headers).declare(tools);
    }
}
