"""The insurer's workspace: claims, payments and the turnover fund. Writes schema `contractor`."""
