package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Chat completions as OpenAI made them and Kimi and many others speak them. Thread-safe. */
public final class OpenAiProtocol implements Protocol {

    private static final Headers FIXED = Headers.builder()
            .add("accept", "application/json, text/event-stream")
            .build();
    /** What Kimi books for a request without a cap, by its documentation. */
    private static final long K3_CAP = 131_072;

    private static final long OTHER_CAP = 32_768;

    @Override
    public String chatPath() {
        return "/v1/chat/completions";
    }

    @Override
    public String modelsPath() {
        return "/v1/models";
    }

    @Override
    public Headers fixedHeaders() {
        return FIXED;
    }

    @Override
    public byte[] encode(ChatRequest request, String defaultModel, boolean stream) {
        String model = model(request, defaultModel);
        KimiRules.check(request, model);
        return OpenAiRequestWriter.write(request, model, stream);
    }

    @Override
    public long bookedTokens(ChatRequest request, String defaultModel) {
        long cap = request.maxCompletionTokens();
        if (cap == 0) {
            cap = model(request, defaultModel).startsWith("kimi-k3") ? K3_CAP : OTHER_CAP;
        }
        return TokenEstimate.prompt(request) + cap;
    }

    @Override
    public ChatResponse decode(Headers headers, ByteBuffer body, ErrorContext context) {
        try {
            return read(headers, body, event -> {});
        } catch (UnreadableAnswer e) {
            throw e.toException(headers, context);
        } catch (StreamFailure e) {
            throw e.toException(context);
        }
    }

    @Override
    public List<ModelCard> decodeModels(ByteBuffer body, ErrorContext context) {
        try {
            return ModelListReader.read(body);
        } catch (UnreadableAnswer e) {
            throw e.toException(context.headers(), context);
        } catch (JsonException e) {
            throw UnreadableAnswer.of(e).toException(context.headers(), context);
        }
    }

    @Override
    public ChatStreamDecoder decoder(Headers headers) {
        String type = headers.first("content-type");
        boolean json = type != null && type.toLowerCase(Locale.ROOT).startsWith("application/json");
        return json
                ? new BufferedAnswerDecoder(headers, (body, out) -> read(headers, body, out))
                : new OpenAiStreamDecoder(headers);
    }

    @Override
    public KimiException error(int status, Headers headers, ByteBuffer body, ErrorContext context) {
        return ErrorClassifier.classify(status, headers, ErrorBody.parse(body), context);
    }

    private static String model(ChatRequest request, String defaultModel) {
        String model = request.model();
        return model == null ? defaultModel : model;
    }

    private static ChatResponse read(Headers headers, ByteBuffer body, Consumer<? super ChatEvent> out) {
        Answer answer = new Answer();
        OpenAiAnswerReader reader = new OpenAiAnswerReader(answer, true, out);
        try (JsonReader in = JsonReader.of(body)) {
            if (!in.next()) {
                throw UnreadableAnswer.garbled("it is empty");
            }
            ErrorBody error = reader.read(in);
            if (error != null) {
                throw new StreamFailure(
                        "The answer is an error", context -> ErrorClassifier.classify(200, headers, error, context));
            }
        } catch (JsonException e) {
            throw UnreadableAnswer.of(e);
        }
        if (!reader.hasChoices()) {
            throw new UnreadableAnswer("it holds no choices");
        }
        return answer.response(RequestIds.find(headers, null));
    }
}
