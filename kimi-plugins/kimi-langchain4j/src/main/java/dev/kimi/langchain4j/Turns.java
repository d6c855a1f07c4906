package dev.kimi.langchain4j;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes messages of LangChain4j as the client's. */
final class Turns {

    private final String protocol;

    /** @param protocol the client's */
    Turns(String protocol) {
        this.protocol = protocol;
    }

    /** @throws UnsupportedFeatureException for a kind of message or content that the protocol does not have */
    Message of(ChatMessage message) {
        if (message instanceof SystemMessage system) {
            return Message.system(system.text());
        }
        if (message instanceof UserMessage user) {
            Message turn =
                    user.hasSingleText() ? Message.user(user.singleText()) : Message.user(parts(user.contents()));
            return user.name() == null ? turn : turn.with(Provenance.OPENAI, "name", user.name());
        }
        if (message instanceof AiMessage ai) {
            return AssistantTurn.of(ai);
        }
        if (message instanceof ToolExecutionResultMessage result) {
            String id = result.id() == null ? "" : result.id();
            return Message.toolResult(
                    new ContentPart.ToolResult(id, parts(result.contents()), Boolean.TRUE.equals(result.isError())));
        }
        throw unsupported("messages of the type " + message.type());
    }

    private List<ContentPart> parts(List<Content> contents) {
        return contents.stream().map(this::part).toList();
    }

    private ContentPart part(Content content) {
        if (content instanceof TextContent text) {
            return ContentPart.text(text.text());
        }
        if (content instanceof ImageContent image) {
            Image file = image.image();
            return ContentPart.image(url(file.url(), file.base64Data(), file.mimeType(), "image/png"));
        }
        if (content instanceof VideoContent video) {
            only(Provenance.OPENAI, "videos");
            String url = url(
                    video.video().url(),
                    video.video().base64Data(),
                    video.video().mimeType(),
                    "video/mp4");
            return ContentPart.opaque(
                    Provenance.OPENAI,
                    "video_url",
                    "{\"type\":\"video_url\",\"video_url\":{\"url\":" + JsonText.quoted(url) + "}}");
        }
        if (content instanceof PdfFileContent pdf) {
            only(Provenance.ANTHROPIC, "PDF files");
            URI url = pdf.pdfFile().url();
            String source = url != null
                    ? "{\"type\":\"url\",\"url\":" + JsonText.quoted(url.toString()) + "}"
                    : "{\"type\":\"base64\",\"media_type\":\"application/pdf\",\"data\":"
                            + JsonText.quoted(pdf.pdfFile().base64Data()) + "}";
            return ContentPart.opaque(
                    Provenance.ANTHROPIC, "document", "{\"type\":\"document\",\"source\":" + source + "}");
        }
        throw unsupported("contents of the type " + content.type());
    }

    private static String url(@Nullable URI url, @Nullable String data, @Nullable String type, String typeIfNull) {
        return url != null ? url.toString() : "data:" + (type == null ? typeIfNull : type) + ";base64," + data;
    }

    private void only(String of, String what) {
        if (!protocol.isEmpty() && !protocol.equals(of)) {
            throw new UnsupportedFeatureException(
                    "The protocol " + protocol + " does not support " + what + ": give the content as text or images.");
        }
    }

    private static UnsupportedFeatureException unsupported(String what) {
        return new UnsupportedFeatureException("The services do not support " + what + ": leave them out.");
    }
}
