package dev.kimi.gateway.server;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who a client is, by address. Only what a trusted proxy says of others is believed. Thread-safe. */
final class ClientAddresses {

    private final List<IpSubnetFilterRule> proxies;

    ClientAddresses(List<String> trustedProxies) {
        this.proxies =
                trustedProxies.stream().map(ClientAddresses::network).distinct().toList();
    }

    /** Whether connections from there are those of a proxy. */
    boolean isProxy(InetAddress address) {
        InetSocketAddress there = new InetSocketAddress(address, 0);
        return proxies.stream().anyMatch(network -> network.matches(there));
    }

    /**
     * The address behind a proxy: the last one in {@code x-forwarded-for} that is no proxy itself, as each proxy adds
     * what it has seen at the end; null if there is none.
     */
    @Nullable InetAddress behind(List<String> forwardedFor) {
        for (int line = forwardedFor.size() - 1; line >= 0; line--) {
            String[] hops = forwardedFor.get(line).split(",", -1);
            for (int hop = hops.length - 1; hop >= 0; hop--) {
                InetAddress address = address(hops[hop].strip());
                if (address == null || !isProxy(address)) {
                    return address;
                }
            }
        }
        return null;
    }

    private static IpSubnetFilterRule network(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw noNetwork(text);
        }
        int bits = address.getAddress().length * Byte.SIZE;
        try {
            int prefix = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
            return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
        } catch (IllegalArgumentException e) {
            throw noNetwork(text);
        }
    }

    private static IllegalArgumentException noNetwork(String text) {
        return new IllegalArgumentException("kimi.gateway.server.trusted-proxies has '" + text
                + "', which is neither an address nor a network: such as 10.0.0.7 or 10.0.0.0/8, no host names");
    }

    /** Looks up no name. */
    private static @Nullable InetAddress address(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
