package dev.kimi.springai;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Role;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.util.MimeType;

/** Writes Spring AI's prompts as requests. */
final class Requests {

    private static final String SCHEMA_NAME = "response";

    private Requests() {}

    /** @param options those of the prompt as {@link KimiChatModel} has combined them */
    static ChatRequest of(Prompt prompt, KimiChatOptions options, KimiClient client) {
        ChatRequest.Builder request = ChatRequest.builder();
        if (options.getModel() != null && !options.getModel().equals(client.model())) {
            request.model(options.getModel());
        }
        common(request, options);
        sampling(request, options);
        request.messages(messages(prompt.getInstructions(), options));
        options.applyTo(request);
        return unforced(request.build());
    }

    private static void common(ChatRequest.Builder request, KimiChatOptions options) {
        if (options.getMaxTokens() != null) {
            request.maxCompletionTokens(options.getMaxTokens());
        }
        if (options.getStopSequences() != null) {
            request.stop(options.getStopSequences());
        }
        if (options.getOutputSchema() != null) {
            request.responseFormat(ResponseFormat.jsonSchema(SCHEMA_NAME, options.getOutputSchema()));
        }
        if (options.getToolCallbacks() != null) {
            for (ToolCallback callback : options.getToolCallbacks()) {
                request.tool(tool(callback.getToolDefinition()));
            }
        }
    }

    /**
     * Services mark the tools that they run themselves, so that a caller's function cannot have such a name. Spring AI
     * writes a format for each number, which Kimi rejects.
     */
    private static Tool tool(ToolDefinition tool) {
        return tool.name().startsWith("$")
                ? Tool.builtin(tool.name())
                : Tool.function(tool.name(), tool.description(), tool.inputSchema())
                        .normalised();
    }

    private static void sampling(ChatRequest.Builder request, KimiChatOptions options) {
        if (options.getTemperature() != null) {
            request.temperature(options.getTemperature());
        }
        if (options.getTopP() != null) {
            request.topP(options.getTopP());
        }
        if (options.getTopK() != null) {
            request.extra(Provenance.ANTHROPIC, "top_k", options.getTopK());
        }
        if (options.getFrequencyPenalty() != null) {
            request.extra(Provenance.OPENAI, "frequency_penalty", options.getFrequencyPenalty());
        }
        if (options.getPresencePenalty() != null) {
            request.extra(Provenance.OPENAI, "presence_penalty", options.getPresencePenalty());
        }
    }

    /** A choice that forces a tool would force it after every result. */
    private static ChatRequest unforced(ChatRequest request) {
        List<Message> messages = request.messages();
        boolean hasResults = messages.get(messages.size() - 1).role() == Role.TOOL;
        Tool.Choice choice = request.toolChoice();
        return hasResults && choice != null && (choice.isNamed() || choice == Tool.Choice.REQUIRED)
                ? request.toBuilder().toolChoice(Tool.Choice.AUTO).build()
                : request;
    }

    private static List<Message> messages(
            List<org.springframework.ai.chat.messages.Message> instructions, KimiChatOptions options) {
        boolean bound =
                instructions.stream().anyMatch(message -> message.getMetadata().containsKey(Prefix.KEY));
        Prefix prefix = bound ? Prefix.of(options) : null;
        List<Message> messages = new ArrayList<>();
        for (org.springframework.ai.chat.messages.Message instruction : instructions) {
            int before = messages.size();
            if (instruction instanceof AssistantMessage turn) {
                Message read = Turns.read(turn);
                messages.add(prefix == null ? read : prefix.fitting(read, turn));
            } else {
                add(messages, instruction);
            }
            if (prefix != null) {
                prefix.addAll(messages.subList(before, messages.size()));
            }
        }
        return messages;
    }

    private static void add(List<Message> messages, org.springframework.ai.chat.messages.Message message) {
        if (message instanceof ToolResponseMessage results) {
            results.getResponses()
                    .forEach(result -> messages.add(Message.toolResult(result.id(), result.responseData())));
        } else if (message instanceof UserMessage user && !user.getMedia().isEmpty()) {
            messages.add(Message.user(parts(user)));
        } else {
            String text = Objects.requireNonNullElse(message.getText(), "");
            switch (message.getMessageType()) {
                case SYSTEM -> system(messages, text);
                case USER -> messages.add(Message.user(text));
                default ->
                    throw new IllegalArgumentException("a " + message.getClass().getName() + " of type "
                            + message.getMessageType() + " cannot be sent: use one of Spring AI's own messages");
            }
        }
    }

    /** The tool advisor writes one without text where there is none, which Claude rejects. */
    private static void system(List<Message> messages, String text) {
        if (!text.isEmpty()) {
            messages.add(Message.system(text));
        }
    }

    private static List<ContentPart> parts(UserMessage user) {
        List<ContentPart> parts = new ArrayList<>();
        String text = Objects.requireNonNullElse(user.getText(), "");
        if (!text.isEmpty()) {
            parts.add(ContentPart.text(text));
        }
        user.getMedia().forEach(media -> parts.add(image(media)));
        return parts;
    }

    private static ContentPart image(Media media) {
        MimeType type = media.getMimeType();
        Object data = media.getData();
        if (!type.getType().equals("image")) {
            throw new IllegalArgumentException("media of type " + type + " cannot be sent: only images can");
        }
        return data instanceof byte[] bytes
                ? ContentPart.image(type.getType() + "/" + type.getSubtype(), bytes)
                : ContentPart.image(data.toString());
    }
}
