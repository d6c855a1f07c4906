package dev.kimi.transport.vertx;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;

/** SOCKS5 (RFC 1928), with user name and password (RFC 1929). */
final class SocksTunnel extends Tunnel {

    private static final int VERSION = 5;
    private static final int LOGIN_VERSION = 1;
    private static final int NO_LOGIN = 0;
    private static final int LOGIN = 2;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;

    private State state = State.METHOD;

    SocksTunnel(Proxy proxy, Origin target, ChannelPromise opened) {
        super(proxy, target, opened);
    }

    @Override
    ByteBuf begin(ChannelHandlerContext context) {
        ByteBuf greeting = context.alloc().buffer().writeByte(VERSION);
        return proxy.login() == null
                ? greeting.writeByte(1).writeByte(NO_LOGIN)
                : greeting.writeByte(2).writeByte(NO_LOGIN).writeByte(LOGIN);
    }

    @Override
    boolean read(ChannelHandlerContext context, ByteBuf received) throws ProxyException {
        return switch (state) {
            case METHOD -> {
                if (received.readableBytes() >= 2) {
                    method(context, received);
                }
                yield false;
            }
            case LOGIN -> {
                if (received.readableBytes() >= 2) {
                    received.skipBytes(1);
                    if (received.readByte() != 0) {
                        throw loginRejected("SOCKS5");
                    }
                    connect(context);
                }
                yield false;
            }
            case CONNECT -> isConnected(received);
        };
    }

    private void method(ChannelHandlerContext context, ByteBuf received) throws ProxyException {
        if (received.readByte() != VERSION) {
            throw notSpoken("SOCKS5");
        }
        int method = received.readByte();
        Proxy.Login login = proxy.login();
        if (method == NO_LOGIN) {
            connect(context);
        } else if (method == LOGIN && login != null) {
            state = State.LOGIN;
            ByteBuf message = context.alloc().buffer().writeByte(LOGIN_VERSION);
            write(message, login.user());
            write(message, login.password());
            context.writeAndFlush(message);
        } else if (login == null) {
            throw loginMissing("SOCKS5");
        } else {
            throw ProxyException.permanent("The proxy " + proxy + " takes no user name and password, nor is it open"
                    + " (SOCKS5); no other kind of authentication is supported.");
        }
    }

    private void connect(ChannelHandlerContext context) {
        state = State.CONNECT;
        ByteBuf message =
                context.alloc().buffer().writeByte(VERSION).writeByte(1).writeByte(0);
        byte[] address = NetUtil.createByteArrayFromIpAddressString(target.host());
        if (address == null) {
            write(message.writeByte(NAME), target.host().getBytes(StandardCharsets.ISO_8859_1));
        } else {
            message.writeByte(address.length == 4 ? IPV4 : IPV6).writeBytes(address);
        }
        context.writeAndFlush(message.writeShort(target.port()));
    }

    private static void write(ByteBuf message, byte[] text) {
        message.writeByte(text.length).writeBytes(text);
    }

    private boolean isConnected(ByteBuf received) throws ProxyException {
        if (received.readableBytes() < 2) {
            return false;
        }
        int start = received.readerIndex();
        if (received.getByte(start) != VERSION) {
            throw notSpoken("SOCKS5");
        }
        check(received.getByte(start + 1));
        if (received.readableBytes() < 5) {
            return false;
        }
        int address = switch (received.getByte(start + 3)) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> 1 + received.getUnsignedByte(start + 4);
            default -> throw notSpoken("SOCKS5");
        };
        int length = 4 + address + 2;
        if (received.readableBytes() < length) {
            return false;
        }
        received.skipBytes(length);
        return true;
    }

    private void check(int reply) throws ProxyException {
        switch (reply) {
            case 0 -> {
                // connected
            }
            case 1 -> throw targetUnreachable("SOCKS5: general failure");
            case 2 -> throw targetRejected("SOCKS5: not allowed by its rules");
            case 3 -> throw targetUnreachable("SOCKS5: network unreachable");
            case 4 -> throw targetUnreachable("SOCKS5: host unreachable");
            case 5 -> throw targetUnreachable("SOCKS5: connection refused");
            case 6 -> throw targetUnreachable("SOCKS5: TTL expired");
            default -> throw targetRejected("SOCKS5: reply " + (reply & 0xFF));
        }
    }

    private enum State {
        METHOD,
        LOGIN,
        CONNECT
    }
}
