package dev.kimi.transport.vertx;

import io.netty.resolver.ResolvedAddressTypes;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/** The two kinds of addresses, for which a name is looked up apart. */
enum IpFamily {
    V4(ResolvedAddressTypes.IPV4_ONLY),
    V6(ResolvedAddressTypes.IPV6_ONLY);

    private final ResolvedAddressTypes types;

    IpFamily(ResolvedAddressTypes types) {
        this.types = types;
    }

    ResolvedAddressTypes types() {
        return types;
    }

    static IpFamily of(InetAddress address) {
        return address instanceof Inet4Address ? V4 : V6;
    }

    /**
     * Those that this process uses, the preferred one first, as the JDK has it: IPv4, unless the system property
     * {@code java.net.preferIPv6Addresses} is true; IPv4 alone if {@code java.net.preferIPv4Stack} is.
     */
    static List<IpFamily> inUse() {
        if (NetUtil.isIpV4StackPreferred()) {
            return List.of(V4);
        }
        return NetUtil.isIpV6AddressesPreferred() ? List.of(V6, V4) : List.of(V4, V6);
    }
}
