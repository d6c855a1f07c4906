package dev.kimi.transport.vertx;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The method CONNECT of HTTP/1.1 (RFC 9110, section 9.3.6), with Basic authentication. */
final class HttpTunnel extends Tunnel {

    private static final int LONGEST_HEAD = 16_384;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5]\\d\\d)(?: .*)?");
    private static final Pattern BASIC = Pattern.compile("(?m)^proxy-authenticate:(?:.*,)?\\s*basic\\b");

    HttpTunnel(Proxy proxy, Origin target, ChannelPromise opened) {
        super(proxy, target, opened);
    }

    @Override
    ByteBuf begin(ChannelHandlerContext context) {
        ByteBuf head = context.alloc().buffer();
        head.writeCharSequence(
                "CONNECT " + target + " HTTP/1.1\r\nhost: " + target + "\r\n", StandardCharsets.ISO_8859_1);
        Proxy.Login login = proxy.login();
        if (login != null) {
            head.writeCharSequence("proxy-authorization: Basic ", StandardCharsets.US_ASCII);
            head.writeBytes(login.basic());
            head.writeCharSequence("\r\n", StandardCharsets.US_ASCII);
        }
        head.writeCharSequence("\r\n", StandardCharsets.US_ASCII);
        return head;
    }

    @Override
    boolean read(ChannelHandlerContext context, ByteBuf received) throws ProxyException {
        int end = endOfHead(received);
        while (end >= 0) {
            String head =
                    received.readCharSequence(end, StandardCharsets.ISO_8859_1).toString();
            Matcher line = STATUS.matcher(head.lines().findFirst().orElse(""));
            if (!line.matches()) {
                throw notSpoken("HTTP");
            }
            int status = Integer.parseInt(line.group(1));
            if (status >= 200) {
                check(status, head);
                return true;
            }
            end = endOfHead(received);
        }
        return false;
    }

    private void check(int status, String head) throws ProxyException {
        String said = "status " + status;
        if (status == 407) {
            if (!BASIC.matcher(head.toLowerCase(Locale.ROOT)).find()) {
                throw ProxyException.permanent("The proxy " + proxy + " requires authentication (" + said
                        + ") and does not offer Basic, the only kind that is supported.");
            }
            throw proxy.login() == null ? loginMissing(said) : loginRejected(said);
        }
        if (status == 401 && proxy.login() != null) {
            // what tinyproxy says to wrong credentials
            throw loginRejected(said);
        }
        if (status >= 500 || status == 408 || status == 429) {
            throw targetUnreachable(said);
        }
        if (status >= 300) {
            throw targetRejected(said);
        }
    }

    /** After the empty line, or -1 when that has not come. */
    private int endOfHead(ByteBuf received) throws ProxyException {
        int length = received.readableBytes();
        byte[] seen = ByteBufUtil.getBytes(received, received.readerIndex(), Math.min(length, LONGEST_HEAD), false);
        for (int i = 0; i + 3 < seen.length; i++) {
            if (seen[i] == '\r' && seen[i + 1] == '\n' && seen[i + 2] == '\r' && seen[i + 3] == '\n') {
                return i + 4;
            }
        }
        boolean begins = seen.length < 5 || new String(seen, 0, 5, StandardCharsets.ISO_8859_1).equals("HTTP/");
        if (length > LONGEST_HEAD || !begins) {
            throw notSpoken("HTTP");
        }
        return -1;
    }
}
