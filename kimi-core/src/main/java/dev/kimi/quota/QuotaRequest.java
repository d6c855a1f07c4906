package dev.kimi.quota;

/**
 * What a call wants to reserve, besides one request and one place among the concurrent ones.
 *
 * @param shard the account's key in limiters and caches; never a secret
 * @param tokens tokens that the service will book up front: prompt estimate and output cap
 */
public record QuotaRequest(String shard, long tokens) {}
